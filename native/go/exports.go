// Package main is libplimsoll, the C library behind the Java module. It exports functions on bytes and numbers;
// Go objects stay here, behind handles.
//
// Every export returns a status of package abi and, unless it is OK, writes a text to the caller's buffer. All
// buffers belong to the caller and are used during the call only. Lengths are in elements of their type. A null
// pointer, a length out of bounds or a handle that is closed or made up is an error, never a crash. A
// panic inside an export is caught and returned as INTERNAL; one in a goroutine of gnark cannot be caught, so
// inputs and keys are checked until gnark has no reason for one.
package main

/*
#include <stdint.h>

typedef void (*plimsoll_progress)(int32_t stage);

static inline void plimsoll_call_progress(plimsoll_progress progress, int32_t stage) { progress(stage); }
*/
import "C"

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"path/filepath"
	"runtime/debug"
	"unicode/utf8"
	"unsafe"

	"github.com/consensys/gnark/logger"

	"plimsoll.io/circuits"
	"plimsoll.io/native/internal/abi"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

func init() {
	// gnark logs to standard output, and its texts contain wire values.
	logger.Disable()
}

func main() {}

var (
	provers  abi.Handles[prover.Prover]
	compiled abi.Handles[*circuits.Circuit]
)

// call is what every export does: it turns an error or a panic of work into a status and a text.
func call(text *C.char, capacity C.int32_t, work func() error) (status C.int32_t) {
	var err error
	defer finish(&err, &status, text, capacity)
	err = work()
	return
}

// finish is deferred by call: it turns a panic into INTERNAL and writes the text.
func finish(err *error, status *C.int32_t, text *C.char, capacity C.int32_t) {
	code, message := abi.Outcome(*err, recover())
	*status = C.int32_t(code)
	if text == nil || capacity <= 0 || capacity > abi.MaxErrorBytes {
		return
	}
	out := unsafe.Slice((*byte)(unsafe.Pointer(text)), int(capacity))
	n := min(len(message), len(out)-1)
	for n > 0 && n < len(message) && !utf8.RuneStart(message[n]) {
		n--
	}
	copy(out, message[:n])
	out[n] = 0
}

// view is the caller's buffer of minimum to maximum elements. It must not be kept.
func view[T any](name string, pointer *T, length C.int64_t, minimum, maximum int64) ([]T, error) {
	n := int64(length)
	if n < minimum || n > maximum {
		if minimum == maximum {
			return nil, abi.Invalid("%s: length %d instead of %d", name, n, minimum)
		}
		return nil, abi.Invalid("%s: length %d is outside [%d, %d]", name, n, minimum, maximum)
	}
	if n == 0 {
		return nil, nil
	}
	if pointer == nil {
		return nil, abi.Invalid("%s: null pointer", name)
	}
	if uintptr(unsafe.Pointer(pointer))%unsafe.Alignof(*pointer) != 0 {
		return nil, abi.Invalid("%s: pointer is not aligned", name)
	}
	return unsafe.Slice(pointer, n), nil
}

func path(name string, pointer *byte, length C.int64_t) (string, error) {
	data, err := view(name, pointer, length, 1, abi.MaxPathBytes)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", abi.Invalid("%s: not a path in UTF-8", name)
	}
	return filepath.Clean(string(data)), nil
}

func keyDirectory(directory *byte, directoryLength C.int64_t, circuitID *byte, circuitIDLength C.int64_t) (string, [abi.DigestBytes]byte, error) {
	var none [abi.DigestBytes]byte
	root, err := path("directory", directory, directoryLength)
	if err != nil {
		return "", none, err
	}
	id, err := view("circuit id", circuitID, circuitIDLength, abi.DigestBytes, abi.DigestBytes)
	if err != nil {
		return "", none, err
	}
	return root, [abi.DigestBytes]byte(id), nil
}

func model(pointer *byte, length C.int64_t) ([]byte, error) {
	data, err := view("model", pointer, length, 1, abi.MaxModelBytes)
	return bytes.Clone(data), err
}

func output[T any](name string, pointer *T) error {
	if pointer == nil {
		return abi.Invalid("%s: null pointer", name)
	}
	return nil
}

// plimsoll_table writes abi.Table, which the Java side compares with its own constants. Returns the length of
// the table; nothing is written when it exceeds the capacity.
//
//export plimsoll_table
func plimsoll_table(out *C.char, capacity C.int32_t) C.int32_t {
	table := abi.Table()
	if out != nil && int64(capacity) >= int64(len(table)) {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(out)), len(table)), table)
	}
	return C.int32_t(len(table))
}

// plimsoll_panic panics, for tests of what a defect does: in the export itself, which becomes INTERNAL, or in a goroutine, which nothing
// can recover from outside and which ends the process.
//
//export plimsoll_panic
func plimsoll_panic(inGoroutine C.int32_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		if inGoroutine == 0 {
			panic("asked for")
		}
		go panic("asked for")
		select {}
	})
}

// plimsoll_limit_memory sets Go's soft limit on its heap in bytes (0: none) and its garbage collector's target
// percentage.
//
//export plimsoll_limit_memory
func plimsoll_limit_memory(limit C.int64_t, gcPercent C.int32_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		const least = 64 << 20
		if limit != 0 && limit < least {
			return abi.Invalid("memory limit: %d bytes; 0 (none) or at least %d", limit, least)
		}
		if gcPercent < 10 || gcPercent > 1000 {
			return abi.Invalid("gc percent: %d is outside [10, 1000]", gcPercent)
		}
		if limit == 0 {
			limit = math.MaxInt64
		}
		debug.SetMemoryLimit(int64(limit))
		debug.SetGCPercent(int(gcPercent))
		return nil
	})
}

// plimsoll_compile compiles a model without keys.
//
//export plimsoll_compile
func plimsoll_compile(modelBytes *byte, modelLength C.int64_t, handle *C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("handle", handle); err != nil {
			return err
		}
		data, err := model(modelBytes, modelLength)
		if err != nil {
			return err
		}
		circuit, err := keys.CompileModel(data)
		if err != nil {
			return err
		}
		*handle = C.int64_t(compiled.Add(circuit))
		return nil
	})
}

// plimsoll_release forgets a compiled model.
//
//export plimsoll_release
func plimsoll_release(handle C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		return compiled.Close(int64(handle))
	})
}

// plimsoll_statistics writes a CircuitStatistics message for a compiled model. Its length is written in any
// case; the message only when it fits.
//
//export plimsoll_statistics
func plimsoll_statistics(handle C.int64_t, out *byte, outLength C.int64_t, written *C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("written", written); err != nil {
			return err
		}
		buffer, err := view("statistics", out, outLength, 0, math.MaxInt32)
		if err != nil {
			return err
		}
		return compiled.Use(int64(handle), func(circuit *circuits.Circuit) error {
			message, err := keys.Statistics(circuit)
			if err != nil {
				return err
			}
			*written = C.int64_t(len(message))
			if len(message) <= len(buffer) {
				copy(buffer, message)
			}
			return nil
		})
	})
}

// plimsoll_evaluate writes the value of every node of a compiled model, as the circuit has it, in ElementBytes each:
// big-endian two's complement. For tests that compare it with the evaluator.
//
//export plimsoll_evaluate
func plimsoll_evaluate(
	handle C.int64_t, numerator, denominator C.uint64_t,
	coefficients *int64, coefficientsLength C.int64_t,
	holdings *int64, holdingsLength C.int64_t,
	choices *int64, choicesLength C.int64_t,
	out *byte, outLength C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		c, err := view("coefficients", coefficients, coefficientsLength, 0, abi.MaxInputs)
		if err != nil {
			return err
		}
		h, err := view("holdings", holdings, holdingsLength, 0, abi.MaxInputs)
		if err != nil {
			return err
		}
		chosen, err := view("choices", choices, choicesLength, 0, abi.MaxInputs)
		if err != nil {
			return err
		}
		buffer, err := view("values", out, outLength, 0, abi.MaxInputs*abi.ElementBytes)
		if err != nil {
			return err
		}
		return compiled.Use(int64(handle), func(circuit *circuits.Circuit) error {
			values, err := circuit.NodeValues(uint64(numerator), uint64(denominator), c, h, chosen)
			if err != nil {
				return abi.Invalid("%v", err)
			}
			if len(values)*abi.ElementBytes != len(buffer) {
				return abi.Invalid("values: length %d instead of %d bytes for %d nodes",
					len(buffer), len(values)*abi.ElementBytes, len(values))
			}
			for i, value := range values {
				if value.BitLen() >= 8*abi.ElementBytes {
					return errors.New("a node's value exceeds its bytes")
				}
				if value.Sign() < 0 {
					value = new(big.Int).Add(value, new(big.Int).Lsh(big.NewInt(1), 8*abi.ElementBytes))
				}
				value.FillBytes(buffer[i*abi.ElementBytes : (i+1)*abi.ElementBytes])
			}
			return nil
		})
	})
}

// plimsoll_satisfies solves a compiled model's constraints without proving: OK, or NOT_SOLVENT.
//
//export plimsoll_satisfies
func plimsoll_satisfies(
	handle C.int64_t, context *byte, contextLength C.int64_t, numerator, denominator C.uint64_t,
	coefficients *int64, coefficientsLength C.int64_t,
	holdings *int64, holdingsLength C.int64_t,
	choices *int64, choicesLength C.int64_t,
	blinding *byte, blindingLength C.int64_t,
	text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		input, err := provingInput(context, contextLength, numerator, denominator, coefficients, coefficientsLength,
			holdings, holdingsLength, choices, choicesLength, blinding, blindingLength)
		if err != nil {
			return err
		}
		defer clear(input.Blinding[:])
		return compiled.Use(int64(handle), func(circuit *circuits.Circuit) error {
			return prover.Satisfies(circuit, input)
		})
	})
}

// plimsoll_setup makes development keys and their bundle below a directory and writes the circuit id. progress may be null; it
// is called on the caller's thread with the stages of package keys.
//
//export plimsoll_setup
func plimsoll_setup(
	modelBytes *byte, modelLength C.int64_t, directory *byte, directoryLength C.int64_t,
	progress C.plimsoll_progress, circuitID *byte, circuitIDLength C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		data, err := model(modelBytes, modelLength)
		if err != nil {
			return err
		}
		root, err := path("directory", directory, directoryLength)
		if err != nil {
			return err
		}
		out, err := view("circuit id", circuitID, circuitIDLength, abi.DigestBytes, abi.DigestBytes)
		if err != nil {
			return err
		}
		id, err := prover.Generate(data, root, func(stage keys.Stage) {
			if progress != nil {
				C.plimsoll_call_progress(progress, C.int32_t(stage))
			}
		})
		if err != nil {
			return err
		}
		copy(out, id[:])
		// What making keys took is many times what proving takes.
		debug.FreeOSMemory()
		return nil
	})
}

// plimsoll_open opens a key directory with the prover of a prover.Kind and issues a handle.
//
//export plimsoll_open
func plimsoll_open(
	kind C.int32_t, directory *byte, directoryLength C.int64_t, circuitID *byte, circuitIDLength C.int64_t,
	allowDevelopment C.int32_t, handle *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("handle", handle); err != nil {
			return err
		}
		root, id, err := keyDirectory(directory, directoryLength, circuitID, circuitIDLength)
		if err != nil {
			return err
		}
		opened, err := prover.Open(prover.Kind(kind), root, id, allowDevelopment != 0)
		if err != nil {
			return err
		}
		*handle = C.int64_t(provers.Add(opened))
		return nil
	})
}

// plimsoll_close waits for the proofs in flight of a prover and gives its memory back.
//
//export plimsoll_close
func plimsoll_close(handle C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		return provers.Close(int64(handle))
	})
}

// plimsoll_prove makes one proof. The bytes have not been verified yet.
//
//export plimsoll_prove
func plimsoll_prove(
	handle C.int64_t, context *byte, contextLength C.int64_t, numerator, denominator C.uint64_t,
	coefficients *int64, coefficientsLength C.int64_t,
	holdings *int64, holdingsLength C.int64_t,
	choices *int64, choicesLength C.int64_t,
	blinding *byte, blindingLength C.int64_t,
	proof *byte, proofLength C.int64_t,
	text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		input, err := provingInput(context, contextLength, numerator, denominator, coefficients, coefficientsLength,
			holdings, holdingsLength, choices, choicesLength, blinding, blindingLength)
		if err != nil {
			return err
		}
		defer clear(input.Blinding[:])
		out, err := view("proof", proof, proofLength, abi.ProofBytes, abi.ProofBytes)
		if err != nil {
			return err
		}
		return provers.Use(int64(handle), func(p prover.Prover) error {
			made, err := p.Prove(input)
			if err != nil {
				return err
			}
			copy(out, made[:])
			return nil
		})
	})
}

// provingInput is a view of the caller's buffers, but for the blinding, which is copied and must be wiped.
func provingInput(
	context *byte, contextLength C.int64_t, numerator, denominator C.uint64_t,
	coefficients *int64, coefficientsLength C.int64_t,
	holdings *int64, holdingsLength C.int64_t,
	choices *int64, choicesLength C.int64_t,
	blinding *byte, blindingLength C.int64_t,
) (*prover.Input, error) {
	digest, err := view("context", context, contextLength, abi.ContextBytes, abi.ContextBytes)
	if err != nil {
		return nil, err
	}
	c, err := view("coefficients", coefficients, coefficientsLength, 0, abi.MaxInputs)
	if err != nil {
		return nil, err
	}
	h, err := view("holdings", holdings, holdingsLength, 0, abi.MaxInputs)
	if err != nil {
		return nil, err
	}
	chosen, err := view("choices", choices, choicesLength, 0, abi.MaxInputs)
	if err != nil {
		return nil, err
	}
	v, err := view("blinding", blinding, blindingLength, abi.BlindingBytes, abi.BlindingBytes)
	if err != nil {
		return nil, err
	}
	return &prover.Input{
		Context:      [abi.ContextBytes]byte(digest),
		Numerator:    uint64(numerator),
		Denominator:  uint64(denominator),
		Coefficients: c,
		Holdings:     h,
		Choices:      chosen,
		Blinding:     [abi.BlindingBytes]byte(v),
	}, nil
}

// useStock is for what only the stock prover, which keeps the verifying key, can do.
func useStock(handle C.int64_t, f func(*prover.Stock) error) error {
	return provers.Use(int64(handle), func(p prover.Prover) error {
		stock, ok := p.(*prover.Stock)
		if !ok {
			return abi.Invalid("handle: of a %T, not of the stock prover", p)
		}
		return f(stock)
	})
}

// plimsoll_verify checks a proof against the full public vector with gnark's verifier. For tests: a venue
// never has the full vector.
//
//export plimsoll_verify
func plimsoll_verify(
	handle C.int64_t, public *byte, publicLength C.int64_t, proof *byte, proofLength C.int64_t,
	accepted *C.int32_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("accepted", accepted); err != nil {
			return err
		}
		vector, err := view("public vector", public, publicLength, 0, abi.MaxInputs*abi.ElementBytes)
		if err != nil {
			return err
		}
		data, err := view("proof", proof, proofLength, abi.ProofBytes, abi.ProofBytes)
		if err != nil {
			return err
		}
		return useStock(handle, func(p *prover.Stock) error {
			valid, err := p.Verify(vector, data)
			if err != nil {
				return err
			}
			*accepted = 0
			if valid {
				*accepted = 1
			}
			return nil
		})
	})
}

// plimsoll_public_sum writes the compressed sum of multiples of the verifying key's points K, from K[first] on. For
// tests and benchmarks: the reference for prepared rounds and commitments.
//
//export plimsoll_public_sum
func plimsoll_public_sum(
	handle, first C.int64_t, scalars *byte, scalarsLength C.int64_t, point *byte, pointLength C.int64_t,
	text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		data, err := view("scalars", scalars, scalarsLength, 0, abi.MaxInputs*abi.ElementBytes)
		if err != nil {
			return err
		}
		out, err := view("point", point, pointLength, abi.PointBytes, abi.PointBytes)
		if err != nil {
			return err
		}
		return useStock(handle, func(p *prover.Stock) error {
			sum, err := p.PublicSum(int64(first), data)
			if err != nil {
				return err
			}
			copy(out, sum[:])
			return nil
		})
	})
}
