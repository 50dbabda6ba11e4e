package main

/*
#include <stdint.h>
*/
import "C"

import (
	"path/filepath"
	"sync"

	"github.com/consensys/gnark/backend/witness"

	"plimsoll.io/native/baseline"
	"plimsoll.io/native/internal/abi"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

// baselineRun is a baseline prover with the one witness that it proves over and over. Proofs are made one at a time.
type baselineRun struct {
	prover  *baseline.Prover
	witness witness.Witness
	mutex   sync.Mutex
}

var baselines abi.Handles[*baselineRun]

// plimsoll_baseline_open prepares the statement with table and portfolio bound by in-circuit hashing, for benchmarks: it compiles
// that circuit for the model of a key directory, finds or makes its keys there, and makes and checks one proof. constraints
// receives its number of rows.
//
//export plimsoll_baseline_open
func plimsoll_baseline_open(
	directory *byte, directoryLength C.int64_t, circuitID *byte, circuitIDLength C.int64_t,
	context *byte, contextLength C.int64_t, numerator, denominator C.uint64_t,
	coefficients *int64, coefficientsLength C.int64_t,
	holdings *int64, holdingsLength C.int64_t,
	choices *int64, choicesLength C.int64_t,
	blinding *byte, blindingLength C.int64_t,
	constraints, handle *C.int64_t, text *C.char, capacity C.int32_t,
) C.int32_t {
	return call(text, capacity, func() error {
		if err := output("handle", handle); err != nil {
			return err
		}
		if err := output("constraints", constraints); err != nil {
			return err
		}
		root, id, err := keyDirectory(directory, directoryLength, circuitID, circuitIDLength)
		if err != nil {
			return err
		}
		in, err := provingInput(context, contextLength, numerator, denominator, coefficients, coefficientsLength,
			holdings, holdingsLength, choices, choicesLength, blinding, blindingLength)
		if err != nil {
			return err
		}
		defer clear(in.Blinding[:])
		loaded, err := keys.Load(root, id, true)
		if err != nil {
			return err
		}
		inputs, err := prover.FullVector(loaded.Circuit.Model(), in)
		if err != nil {
			return err
		}
		run := new(baselineRun)
		if run.prover, err = baseline.Open(loaded.Circuit, filepath.Clean(root)); err != nil {
			return err
		}
		if run.witness, err = run.prover.Witness(inputs); err != nil {
			return err
		}
		proof, err := run.prover.Prove(run.witness)
		if err != nil {
			return err
		}
		if err := run.prover.Verify(proof, run.witness); err != nil {
			return err
		}
		*constraints = C.int64_t(run.prover.Constraints())
		*handle = C.int64_t(baselines.Add(run))
		return nil
	})
}

// plimsoll_baseline_prove makes one proof and throws it away.
//
//export plimsoll_baseline_prove
func plimsoll_baseline_prove(handle C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		return baselines.Use(int64(handle), func(run *baselineRun) error {
			run.mutex.Lock()
			defer run.mutex.Unlock()
			_, err := run.prover.Prove(run.witness)
			return err
		})
	})
}

// plimsoll_baseline_close forgets a baseline.
//
//export plimsoll_baseline_close
func plimsoll_baseline_close(handle C.int64_t, text *C.char, capacity C.int32_t) C.int32_t {
	return call(text, capacity, func() error {
		return baselines.Close(int64(handle))
	})
}
