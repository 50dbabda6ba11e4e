package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/consensys/gnark"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"

	"plimsoll.io/circuits"
	"plimsoll.io/circuits/canonical"
)

// Stage is how far key generation has come.
type Stage int32

// The stages, in order. Setup takes nearly all of the time.
const (
	StageCompile Stage = iota
	StageCheck
	StageSetup
	StageWrite
	// StageBundle is for what is computed from the keys once, and is not a stage of Generate.
	StageBundle
)

// Generate makes development keys for a model and writes them to a new directory below root, named by the circuit
// id. The directory appears complete or not at all. The random numbers behind the keys are forgotten, but
// nobody can check that: hence "development". progress may be nil.
//
// A model that does not compile is a *ModelError.
func Generate(modelBytes []byte, root string, progress func(Stage)) (id [32]byte, err error) {
	if progress == nil {
		progress = func(Stage) {}
	}
	progress(StageCompile)
	circuit, err := CompileModel(modelBytes)
	if err != nil {
		return id, err
	}
	progress(StageCheck)
	system, kernel, err := checkSystem(circuit.ConstraintSystem())
	if err != nil {
		return id, err
	}

	progress(StageSetup)
	var pk groth16.ProvingKey
	var vk groth16.VerifyingKey
	if err := groth16.Setup(system, &pk, &vk); err != nil {
		return id, fmt.Errorf("making the keys: %w", err)
	}
	if err := checkVerifyingKey(&vk); err != nil {
		return id, fmt.Errorf("the new verifying key: %w", err)
	}
	if err := checkProvingPoints(&pk, &vk); err != nil {
		return id, fmt.Errorf("the new proving key: %w", err)
	}

	progress(StageWrite)
	constraintSystem, err := encodeConstraintSystem(system)
	if err != nil {
		return id, err
	}
	verifying := verifyingFile{
		setup:                  DevelopmentSetup,
		modelDigest:            circuit.ModelDigest(),
		constraintSystemDigest: sha256.Sum256(constraintSystem),
		layout:                 circuit.Layout(),
		key:                    encodeVerifyingKey(&vk),
	}
	id = canonical.CircuitID(verifying.modelDigest, sha256.Sum256(verifying.layout), verifying.constraintSystemDigest,
		sha256.Sum256(verifying.key), verifying.setup)
	var proving bytes.Buffer
	if err := pk.WriteDump(&proving); err != nil {
		return id, fmt.Errorf("encoding the proving key: %w", err)
	}
	stats := circuit.Stats()
	name, shape, err := modelName(modelBytes)
	if err != nil {
		return id, err
	}
	return id, writeDirectory(root, id, map[string][]byte{
		ModelFile:            modelBytes,
		ConstraintSystemFile: constraintSystem,
		ProvingKeyFile:       proving.Bytes(),
		VerifyingKeyFile:     verifying.encode(),
	}, Manifest{
		CircuitID:       hex.EncodeToString(id[:]),
		Setup:           DevelopmentSetup,
		Warning:         "Made by one party, who could forge proofs. For development and tests, never for money.",
		Model:           name,
		Shape:           shape,
		ModelDigest:     hex.EncodeToString(verifying.modelDigest[:]),
		Gnark:           gnark.Version.String(),
		Constraints:     stats.Constraints,
		FFTSize:         stats.FFTSize,
		KernelDimension: kernel.Dimension,
	})
}

// ModelError is a model that cannot become a circuit.
type ModelError struct{ Err error }

func (e *ModelError) Error() string { return "model: " + e.Err.Error() }
func (e *ModelError) Unwrap() error { return e.Err }

// CompileModel parses and compiles the bytes of a MarginModel message. The error is a *ModelError.
func CompileModel(modelBytes []byte) (*circuits.Circuit, error) {
	model, err := circuits.ParseModel(modelBytes)
	if err != nil {
		return nil, &ModelError{err}
	}
	circuit, err := circuits.Compile(model)
	if err != nil {
		return nil, &ModelError{err}
	}
	return circuit, nil
}

// checkSystem makes the checks that keys must not exist without: no commitment of gnark's extension, and neither
// context nor blinding in the kernel, along which anyone can re-target a proof.
func checkSystem(system constraint.ConstraintSystem) (*cs.R1CS, circuits.KernelReport, error) {
	r1cs, ok := system.(*cs.R1CS)
	if !ok {
		return nil, circuits.KernelReport{}, errors.New("the constraint system is no R1CS over BN254")
	}
	if err := checkNoCommitments(r1cs); err != nil {
		return nil, circuits.KernelReport{}, err
	}
	kernel, err := circuits.CheckKernel(r1cs)
	if err != nil {
		return nil, kernel, fmt.Errorf("kernel: %w", err)
	}
	return r1cs, kernel, nil
}

// checkNoCommitments refuses gnark's commitment extension: it would make proofs longer and need a second check.
func checkNoCommitments(system constraint.ConstraintSystem) error {
	commitments, ok := system.GetCommitments().(constraint.Groth16Commitments)
	if !ok || len(commitments) != 0 {
		return fmt.Errorf("the constraint system uses gnark's commitment extension, which is not allowed")
	}
	return nil
}

// writeDirectory writes all files into a temporary directory beside the final one and renames it.
func writeDirectory(root string, id [32]byte, files map[string][]byte, manifest Manifest) (err error) {
	manifest.Files = map[string]string{}
	for name, data := range files {
		digest := sha256.Sum256(data)
		manifest.Files[name] = hex.EncodeToString(digest[:])
	}
	manifestBytes, err := manifest.encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(root, ".setup-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(temporary)
		}
	}()
	for name, data := range files {
		if err := writeFile(filepath.Join(temporary, name), data); err != nil {
			return err
		}
	}
	if err := writeFile(filepath.Join(temporary, ManifestFile), manifestBytes); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	// The id depends on fresh random numbers, so nothing is there yet.
	return os.Rename(temporary, filepath.Join(root, hex.EncodeToString(id[:])))
}

// writeFile writes and flushes to the disk: the rename that follows must not outlive the data.
func writeFile(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		file.Close()
		return err
	}
	if err := file.Sync(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
