package main

/*
#include <stdint.h>
*/
import "C"

import (
	"bytes"
	"math"

	"plimsoll.io/native/internal/abi"
	"plimsoll.io/native/reference"
)

var references abi.Handles[*reference.Key]

// maxRepetitions bounds how often one call of an export repeats what it measures.
const maxRepetitions = 1 << 20

// plimsoll_reference_open reads a verifying.key file for the exports below, which are for benchmarks and differential
// tests of the Java verifier.
//
//export plimsoll_reference_open
func plimsoll_reference_open(
	file *byte, fileLength C.int64_t, handle *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("handle", handle); err != nil {
			return err
		}
		data, err := view("verifying key file", file, fileLength, 1, math.MaxInt32)
		if err != nil {
			return err
		}
		key, err := reference.Read(bytes.Clone(data))
		if err != nil {
			return err
		}
		*handle = C.int64_t(references.Add(key))
		return nil
	})
}

// plimsoll_reference_close waits for calls in flight and forgets the key.
//
//export plimsoll_reference_close
func plimsoll_reference_close(handle C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		return references.Close(int64(handle))
	})
}

// plimsoll_reference_verify checks a proof against a statement by a Method of package reference, once for each
// duration, which it writes in nanoseconds.
//
//export plimsoll_reference_verify
func plimsoll_reference_verify(
	handle C.int64_t, method C.int32_t, round *byte, roundLength C.int64_t,
	commitments *byte, commitmentsLength C.int64_t, context *byte, contextLength C.int64_t,
	numerator, denominator C.uint32_t, proof *byte, proofLength C.int64_t,
	accepted *C.int32_t, durations *int64, durationsLength C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("accepted", accepted); err != nil {
			return err
		}
		roundPoint, err := view("round point", round, roundLength, abi.PointBytes, abi.PointBytes)
		if err != nil {
			return err
		}
		points, err := view("commitments", commitments, commitmentsLength, 0, abi.MaxInputs)
		if err != nil {
			return err
		}
		digest, err := view("context", context, contextLength, abi.ContextBytes, abi.ContextBytes)
		if err != nil {
			return err
		}
		data, err := view("proof", proof, proofLength, abi.ProofBytes, abi.ProofBytes)
		if err != nil {
			return err
		}
		nanos, err := view("durations", durations, durationsLength, 1, maxRepetitions)
		if err != nil {
			return err
		}
		statement, err := reference.NewStatement(roundPoint, points, [abi.ContextBytes]byte(digest),
			uint32(numerator), uint32(denominator))
		if err != nil {
			return err
		}
		*accepted = 1
		return references.Use(int64(handle), func(key *reference.Key) error {
			return reference.Repeat(nanos, func() error {
				if !key.Verify(reference.Method(method), statement, data) {
					*accepted = 0
				}
				return nil
			})
		})
	})
}

// plimsoll_reference_sum writes the compressed sum of multiples of the points K from K[first] on, plus the blinding times
// the last of them unless the blinding is empty. It computes it on one thread, once for each duration, which it
// writes in nanoseconds.
//
//export plimsoll_reference_sum
func plimsoll_reference_sum(
	handle, first C.int64_t, scalars *int64, scalarsLength C.int64_t, blinding *byte, blindingLength C.int64_t,
	point *byte, pointLength C.int64_t, durations *int64, durationsLength C.int64_t,
	text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		values, err := view("scalars", scalars, scalarsLength, 0, abi.MaxInputs)
		if err != nil {
			return err
		}
		v, err := view("blinding", blinding, blindingLength, 0, abi.BlindingBytes)
		if err != nil {
			return err
		}
		out, err := view("point", point, pointLength, abi.PointBytes, abi.PointBytes)
		if err != nil {
			return err
		}
		nanos, err := view("durations", durations, durationsLength, 1, maxRepetitions)
		if err != nil {
			return err
		}
		return references.Use(int64(handle), func(key *reference.Key) error {
			terms, err := key.Terms(int64(first), values, v)
			if err != nil {
				return err
			}
			return reference.Repeat(nanos, func() error {
				sum, err := terms.Sum()
				if err != nil {
					return err
				}
				compressed := sum.Bytes()
				copy(out, compressed[:])
				return nil
			})
		})
	})
}
