package prover

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path/filepath"
	"runtime/debug"

	"plimsoll.io/circuits"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/tuned"
)

// BundleFile is the tuned prover's bundle in a key directory. It is made at setup, and when it is missing.
const BundleFile = "prover.bundle"

// Tuned proves with package tuned. It is safe for concurrent use.
type Tuned struct {
	model  *circuits.Model
	prover *tuned.Prover
}

// OpenTuned opens a key directory by its bundle: the files' digests and the circuit id are checked, and the bundle, which is for exactly
// these files. A bundle that is missing or refused is made again, with all checks of keys.Load. One that cannot be written, in a
// directory that is read-only for example, is made for this process alone.
func OpenTuned(directory string, expected [32]byte, allowDevelopment bool) (*Tuned, error) {
	checked, err := keys.Check(directory, expected, allowDevelopment)
	if err != nil {
		return nil, err
	}
	// The manifest's digests have been compared with the files.
	hash := sha256.New()
	for _, file := range []string{keys.ConstraintSystemFile, keys.ProvingKeyFile} {
		hash.Write([]byte(checked.Manifest.Files[file]))
	}
	made := false
	opened, err := tuned.Open(filepath.Join(directory, BundleFile), [32]byte(hash.Sum(nil)), func() (*tuned.Source, error) {
		made = true
		loaded, err := checked.Load()
		if err != nil {
			return nil, err
		}
		system, err := r1cs(loaded.Circuit)
		if err != nil {
			return nil, err
		}
		return &tuned.Source{System: system, Key: loaded.Proving, Inputs: tuned.InputsOf(loaded.Circuit)}, nil
	}, nil)
	if err != nil {
		return nil, err
	}
	if made {
		// What making a bundle took is many times what proving takes.
		debug.FreeOSMemory()
	}
	return &Tuned{checked.Model, opened}, nil
}

// Generate makes development keys as keys.Generate does, and their bundle.
func Generate(modelBytes []byte, root string, progress func(keys.Stage)) (id [32]byte, err error) {
	if id, err = keys.Generate(modelBytes, root, progress); err != nil {
		return id, err
	}
	if progress != nil {
		progress(keys.StageBundle)
	}
	return id, MakeBundle(filepath.Join(root, hex.EncodeToString(id[:])), id)
}

// MakeBundle makes the bundle of a key directory, whichever its setup, after every check of key loading.
func MakeBundle(directory string, id [32]byte) error {
	prover, err := OpenTuned(directory, id, true)
	if err != nil {
		return err
	}
	return prover.Close()
}

// Prove makes a proof as Stock.Prove does, with fresh randomness each time and the same errors.
func (p *Tuned) Prove(in *Input) (proof [ProofBytes]byte, err error) {
	inputs, err := FullVector(p.model, in)
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
