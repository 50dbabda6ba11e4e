package main

/*
#include <stdint.h>
*/
import "C"

import (
	"plimsoll.io/native/internal/abi"
	"plimsoll.io/native/prover"
)

var tunedProvers abi.Handles[*prover.Tuned]

// plimsoll_tuned_open is plimsoll_open for the tuned prover. The first time on a key directory it takes seconds and leaves
// a bundle there.
//
//export plimsoll_tuned_open
func plimsoll_tuned_open(
	directory *byte, directoryLength C.int64_t, circuitID *byte, circuitIDLength C.int64_t,
	allowDevelopment C.int32_t, handle *C.int64_t, text *C.char, capacity C.int32_t,
) (status C.int32_t) {
	var err error
	defer finish(&err, &status, text, capacity)
	err = func() error {
		if err := output("handle", handle); err != nil {
			return err
		}
		root, err := path("directory", directory, directoryLength)
		if err != nil {
			return err
		}
		id, err := view("circuit id", circuitID, circuitIDLength, abi.DigestBytes, abi.DigestBytes)
		if err != nil {
			return err
		}
		opened, err := prover.OpenTuned(root, [abi.DigestBytes]byte(id), allowDevelopment != 0)
		if err != nil {
			return err
		}
		*handle = C.int64_t(tunedProvers.Add(opened))
		return nil
	}()
	return
}

// plimsoll_tuned_close waits for the proofs in flight of a tuned prover and forgets it, its rounds and its accounts.
//
//export plimsoll_tuned_close
func plimsoll_tuned_close(handle C.int64_t, text *C.char, capacity C.int32_t) (status C.int32_t) {
	var err error
	defer finish(&err, &status, text, capacity)
	err = func() error {
		var closing *prover.Tuned
		if err := tunedProvers.Use(int64(handle), func(p *prover.Tuned) error {
			closing = p
			return nil
		}); err != nil {
			return err
		}
		// Whoever closes the handle closes the prover: of two closes at a time one finds the handle gone.
		if err := tunedProvers.Close(int64(handle)); err != nil {
			return err
		}
		return closing.Close()
	}()
	return
}

// plimsoll_tuned_prove is plimsoll_prove for the tuned prover.
//
//export plimsoll_tuned_prove
func plimsoll_tuned_prove(
	handle C.int64_t, context *byte, contextLength C.int64_t, numerator, denominator C.uint64_t,
	coefficients *int64, coefficientsLength C.int64_t,
	holdings *int64, holdingsLength C.int64_t,
	choices *int64, choicesLength C.int64_t,
	blinding *byte, blindingLength C.int64_t,
	proof *byte, proofLength C.int64_t,
	text *C.char, capacity C.int32_t,
) (status C.int32_t) {
	var err error
	defer finish(&err, &status, text, capacity)
	err = func() error {
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
		return tunedProvers.Use(int64(handle), func(p *prover.Tuned) error {
			made, err := p.Prove(input)
			if err != nil {
				return err
			}
			copy(out, made[:])
			return nil
		})
	}()
	return
}
