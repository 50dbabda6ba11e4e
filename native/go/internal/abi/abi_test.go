package abi

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"plimsoll.io/native/ceremony"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

func TestEveryKindOfErrorHasItsStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Status
	}{
		{nil, OK},
		{Invalid("context: %d bytes", 3), InvalidArgument},
		{&keys.ModelError{Err: errors.New("no assertion")}, InvalidArgument},
		{fmt.Errorf("wrapped: %w", prover.ErrNotSolvent), NotSolvent},
		{ErrUnknownHandle, UnknownHandle},
		{&keys.RejectedError{Reason: "trailing bytes"}, KeyRejected},
		{&ceremony.RejectedError{Reason: "phase1.beacon"}, CeremonyRejected},
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, IO},
		{&os.LinkError{Op: "rename", Old: "x", New: "y", Err: fs.ErrExist}, IO},
		{errors.New("anything else"), Internal},
	} {
		status, text := Outcome(c.err, nil)
		if status != c.want || (text == "") != (c.err == nil) {
			t.Errorf("%v: status %d, text %q", c.err, status, text)
		}
	}
}

func TestPanicIsInternalAndTellsNoArgument(t *testing.T) {
	const secret = 987654321
	outcome := func(f func(int64)) (status Status, text string) {
		defer func() { status, text = Outcome(nil, recover()) }()
		f(secret)
		return
	}
	for name, f := range map[string]func(int64){
		"runtime error": func(n int64) { _ = make([]int64, 0)[n%7] },
		"string":        func(int64) { panic("text") },
		"error":         func(n int64) { panic(fmt.Errorf("holding %d", n)) },
		"value":         func(n int64) { panic(n) },
	} {
		status, text := outcome(f)
		if status != Internal || text == "" || strings.Contains(text, fmt.Sprint(secret)) || !strings.Contains(text, "TestPanic") {
			t.Errorf("%s: status %d, text %q", name, status, text)
		}
	}
}

func TestTableNamesEachLineOnce(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(Table()) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !found || value == "" || seen[name] {
			t.Errorf("line %q", line)
		}
		seen[name] = true
	}
}

func TestHandlesAreForgottenWhenClosed(t *testing.T) {
	var handles Handles[string]
	handle := handles.Add("value")
	if err := handles.Use(handle, func(v string) error {
		if v != "value" {
			t.Errorf("value %q", v)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := handles.Close(handle); err != nil {
		t.Fatal(err)
	}
	never := func(string) error { t.Error("used"); return nil }
	for _, forged := range []int64{handle, 0, -1, handle + 1} {
		if err := handles.Use(forged, never); !errors.Is(err, ErrUnknownHandle) {
			t.Errorf("use of %d: %v", forged, err)
		}
		if err := handles.Close(forged); !errors.Is(err, ErrUnknownHandle) {
			t.Errorf("close of %d: %v", forged, err)
		}
	}
}

func TestHandlesOfTwoKindsNeverCoincide(t *testing.T) {
	var texts Handles[string]
	var numbers Handles[int]
	text, number := texts.Add("value"), numbers.Add(1)
	if text == number {
		t.Error("one handle for two values")
	}
	if err := numbers.Use(text, func(int) error { return nil }); !errors.Is(err, ErrUnknownHandle) {
		t.Errorf("error %v", err)
	}
}

func TestCloseWaitsForUsesInFlight(t *testing.T) {
	var handles Handles[string]
	handle := handles.Add("value")
	started, release := make(chan struct{}), make(chan struct{})
	var finished atomic.Bool
	var wait sync.WaitGroup
	wait.Go(func() {
		err := handles.Use(handle, func(string) error {
			close(started)
			<-release
			finished.Store(true)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-started
	wait.Go(func() {
		if err := handles.Close(handle); err != nil {
			t.Error(err)
		}
		if !finished.Load() {
			t.Error("closed while in use")
		}
	})
	close(release)
	wait.Wait()
}

func TestUseAfterAPanicCanStillBeClosed(t *testing.T) {
	var handles Handles[string]
	handle := handles.Add("value")
	func() {
		defer func() { _ = recover() }()
		_ = handles.Use(handle, func(string) error { panic("in use") })
	}()
	if err := handles.Close(handle); err != nil {
		t.Error(err)
	}
}
