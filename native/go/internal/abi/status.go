// Package abi is what both sides of the native boundary have to agree on: status codes, lengths, limits, and
// the handles that stand for Go objects on the other side. It knows nothing of C, so that it can be tested
// without it.
package abi

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"

	"plimsoll.io/native/prover"
	"plimsoll.io/native/keys"
)

// Version grows with every change of an export's name, parameters or meaning. The Java side refuses another one.
const Version = 1

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
)

// Lengths in bytes, and limits. Every limit is checked before anything of that size is allocated.
const (
	ContextBytes  = 16
	BlindingBytes = prover.ElementBytes
	ProofBytes    = prover.ProofBytes
	DigestBytes   = 32
	ElementBytes  = prover.ElementBytes

	MaxModelBytes = keys.MaxModelBytes
	MaxPathBytes  = 4096
	MaxErrorBytes = 1 << 16
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
		{"bytes.CONTEXT", ContextBytes},
		{"bytes.BLINDING", BlindingBytes},
		{"bytes.PROOF", ProofBytes},
		{"bytes.DIGEST", DigestBytes},
		{"bytes.ELEMENT", ElementBytes},
		{"limit.MODEL_BYTES", MaxModelBytes},
		{"limit.PATH_BYTES", MaxPathBytes},
		{"limit.ERROR_BYTES", MaxErrorBytes},
		{"limit.INPUTS", MaxInputs},
		{"stage.COMPILE", int64(keys.StageCompile)},
		{"stage.CHECK", int64(keys.StageCheck)},
		{"stage.SETUP", int64(keys.StageSetup)},
		{"stage.WRITE", int64(keys.StageWrite)},
	} {
		fmt.Fprintf(&b, "%s %d\n", row.name, row.value)
	}
	return b.String()
}

// Invalid is an error that StatusOf maps to InvalidArgument.
func Invalid(format string, args ...any) error {
	return &prover.InvalidInputError{Reason: fmt.Sprintf(format, args...)}
}

// ErrUnknownHandle is an error that StatusOf maps to UnknownHandle.
var ErrUnknownHandle = errors.New("the handle is closed or was never issued")

// StatusOf maps an error to the code and the text that leave the library.
func StatusOf(err error) (Status, string) {
	var (
		invalid  *prover.InvalidInputError
		rejected *keys.RejectedError
		path     *fs.PathError
		link     interface{ Unwrap() error }
	)
	_ = link
	switch {
	case err == nil:
		return OK, ""
	case errors.Is(err, prover.ErrNotSolvent):
		return NotSolvent, err.Error()
	case errors.Is(err, ErrUnknownHandle):
		return UnknownHandle, err.Error()
	case errors.As(err, &invalid):
		return InvalidArgument, err.Error()
	case errors.As(err, &rejected):
		return KeyRejected, err.Error()
	case errors.As(err, &path):
		return IO, err.Error()
	default:
		return Internal, err.Error()
	}
}

// Recovered is the text of a recovered panic: what went wrong and where, never with arguments, which might be
// secret.
func Recovered(cause any) string {
	text := "panic"
	if err, ok := cause.(error); ok {
		text = err.Error()
	} else if s, ok := cause.(string); ok {
		text = s
	}
	return text + "\n" + string(debug.Stack())
}
