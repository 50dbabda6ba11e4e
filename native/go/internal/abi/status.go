// Package abi is what both sides of the native boundary have to agree on: status codes, lengths, limits, and
// the handles that stand for Go objects on the other side. It knows nothing of C, so that it can be tested
// without it.
package abi

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"plimsoll.io/native/ceremony"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

// Version grows with every new export and every change of an export's name, parameters or meaning. The Java side refuses another one.
const Version = 7

// Status is what an export returns.
type Status int32

// The status codes. Table names them for the Java side, whose test compares.
const (
	OK Status = iota
	// InvalidArgument: the caller's input; the text names the input and its limit.
	InvalidArgument
	// NotSolvent: every input is within its bounds and an assertion of the model does not hold.
	NotSolvent
	// UnknownHandle: never issued, or closed.
	UnknownHandle
	// KeyRejected: a key directory that is not what its circuit id promises.
	KeyRejected
	// Internal: a defect of this library.
	Internal
	// IO: the file system.
	IO
	// CeremonyRejected: a ceremony's directory that is not what it has to be, or a step that it does not allow.
	CeremonyRejected
)

// Lengths in bytes, and limits. Every limit is checked before anything of that size is allocated.
const (
	ContextBytes  = 16
	BlindingBytes = prover.ElementBytes
	ProofBytes    = prover.ProofBytes
	PointBytes    = prover.PointBytes
	DigestBytes   = 32
	ElementBytes  = prover.ElementBytes

	MaxModelBytes = keys.MaxModelBytes
	MaxPathBytes  = 4096
	// A beacon rule and a beacon that are too long are refused with their names.
	MaxRuleBytes   = 1 << 16
	MaxBeaconBytes = 1 << 16
	SignatureBytes = 64
	// MaxCeremonyReportBytes bounds a CeremonyReport message.
	MaxCeremonyReportBytes = ceremony.MaxReportBytes
	// MaxContributionMessageBytes bounds what a contributor signs.
	MaxContributionMessageBytes = 1 << 10
	MaxErrorBytes               = 1 << 16
	// MaxInputs bounds coefficients, holdings, public vectors and nodes, in elements.
	MaxInputs = 1 << 24
)

// Table lists every code, length and limit as lines of "name value".
func Table() string {
	var b strings.Builder
	for _, row := range []struct {
		name  string
		value int64
	}{
		{"version", Version},
		{"status.OK", int64(OK)},
		{"status.INVALID_ARGUMENT", int64(InvalidArgument)},
		{"status.NOT_SOLVENT", int64(NotSolvent)},
		{"status.UNKNOWN_HANDLE", int64(UnknownHandle)},
		{"status.KEY_REJECTED", int64(KeyRejected)},
		{"status.INTERNAL", int64(Internal)},
		{"status.IO", int64(IO)},
		{"status.CEREMONY_REJECTED", int64(CeremonyRejected)},
		{"bytes.CONTEXT", ContextBytes},
		{"bytes.BLINDING", BlindingBytes},
		{"bytes.PROOF", ProofBytes},
		{"bytes.POINT", PointBytes},
		{"bytes.DIGEST", DigestBytes},
		{"bytes.ELEMENT", ElementBytes},
		{"limit.MODEL_BYTES", MaxModelBytes},
		{"limit.PATH_BYTES", MaxPathBytes},
		{"limit.ERROR_BYTES", MaxErrorBytes},
		{"limit.INPUTS", MaxInputs},
		{"limit.CEREMONY_REPORT_BYTES", MaxCeremonyReportBytes},
		{"limit.CONTRIBUTION_MESSAGE_BYTES", MaxContributionMessageBytes},
		{"stage.COMPILE", int64(keys.StageCompile)},
		{"stage.CHECK", int64(keys.StageCheck)},
		{"stage.SETUP", int64(keys.StageSetup)},
		{"stage.WRITE", int64(keys.StageWrite)},
		{"prover.STOCK", int64(prover.KindStock)},
		{"prover.TUNED", int64(prover.KindTuned)},
		{"stage.BUNDLE", int64(keys.StageBundle)},
	} {
		fmt.Fprintf(&b, "%s %d\n", row.name, row.value)
	}
	return b.String()
}

// Invalid is an error that Outcome maps to InvalidArgument.
func Invalid(format string, args ...any) error {
	return &prover.InvalidInputError{Reason: fmt.Sprintf(format, args...)}
}

// ErrUnknownHandle is an error that Outcome maps to UnknownHandle.
var ErrUnknownHandle = errors.New("the handle is closed or was never issued")

// Outcome is the code and the text that leave the library for an error, or for what recover returned.
func Outcome(err error, recovered any) (Status, string) {
	if recovered != nil {
		return Internal, panicText(recovered)
	}
	if err == nil {
		return OK, ""
	}
	return classify(err), err.Error()
}

func classify(err error) Status {
	if errors.Is(err, prover.ErrNotSolvent) {
		return NotSolvent
	}
	if errors.Is(err, ErrUnknownHandle) {
		return UnknownHandle
	}
	if is[*prover.InvalidInputError](err) || is[*keys.ModelError](err) {
		return InvalidArgument
	}
	if is[*ceremony.RejectedError](err) {
		return CeremonyRejected
	}
	if is[*keys.RejectedError](err) {
		return KeyRejected
	}
	if is[*fs.PathError](err) || is[*os.LinkError](err) || is[*os.SyscallError](err) {
		return IO
	}
	return Internal
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// panicText is the text of a recovered panic: what went wrong and in which functions, but no arguments, which
// might be secret.
func panicText(cause any) string {
	var b strings.Builder
	switch cause := cause.(type) {
	case runtime.Error:
		b.WriteString(cause.Error())
	case string:
		b.WriteString(cause)
	default:
		fmt.Fprintf(&b, "panic with a %T", cause)
	}
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		fmt.Fprintf(&b, "\n  %s:%d", frame.Function, frame.Line)
		if !more {
			return b.String()
		}
	}
}
