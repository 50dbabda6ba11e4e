package prover

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"path/filepath"

	groth16 "github.com/consensys/gnark/backend/groth16/bn254"

	"plimsoll.io/circuits"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/tuned"
)

// BundleFile is the tuned prover's bundle in a key directory. It is made when it is missing.
const BundleFile = "prover.bundle"

// Tuned proves with package tuned. It is safe for concurrent use.
type Tuned struct {
	circuit *circuits.Circuit
	prover  *tuned.Prover
}

// OpenTuned loads a key directory as keys.Load does, and its bundle; a bundle that is missing or refused is made
// again. A bundle that cannot be written, in a directory that is read-only for example, is made for this process alone.
func OpenTuned(directory string, expected [32]byte, allowDevelopment bool) (*Tuned, error) {
	loaded, err := keys.Load(directory, expected, allowDevelopment)
	if err != nil {
		return nil, err
	}
	system, err := r1cs(loaded.Circuit)
	if err != nil {
		return nil, err
	}
	// The manifest's digests have been compared with the files.
	hash := sha256.New()
	for _, file := range []string{keys.ConstraintSystemFile, keys.ProvingKeyFile} {
		hash.Write([]byte(loaded.Manifest.Files[file]))
	}
	prover, err := tuned.Open(filepath.Join(directory, BundleFile), [32]byte(hash.Sum(nil)), system, tuned.InputsOf(loaded.Circuit),
		func() (*groth16.ProvingKey, error) { return loaded.Proving, nil }, nil)
	if err != nil {
		return nil, err
	}
	return &Tuned{loaded.Circuit, prover}, nil
}

// Prove makes a proof as Stock.Prove does, with fresh randomness each time and the same errors.
func (p *Tuned) Prove(in *Input) (proof [ProofBytes]byte, err error) {
	inputs, err := FullVector(p.circuit, in)
	if err != nil {
		return proof, err
	}
	defer clear(inputs)
	made, err := p.prover.Prove(inputs)
	if errors.Is(err, circuits.ErrUnsatisfied) {
		return proof, ErrNotSolvent
	}
	if err != nil {
		return proof, err
	}
	return encodeProof(made), nil
}

// Close gives the memory back. No proof may be in flight.
func (p *Tuned) Close() error {
	if err := p.prover.Close(); err != nil {
		return &fs.PathError{Op: "unmap", Path: BundleFile, Err: err}
	}
	return nil
}
