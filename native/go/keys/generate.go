package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

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
	prepared, err := prepare(modelBytes, circuit)
	if err != nil {
		return id, err
	}

	progress(StageSetup)
	var pk groth16.ProvingKey
	var vk groth16.VerifyingKey
	if err := groth16.Setup(prepared.system, &pk, &vk); err != nil {
		return id, fmt.Errorf("making the keys: %w", err)
	}

	progress(StageWrite)
	made, err := prepared.directory(&pk, &vk, nil)
	if err != nil {
		return id, err
	}
	return made.CircuitID, made.Write(root)
}

// Prepared is a model as a circuit that may have keys. Immutable and safe for concurrent use.
type Prepared struct {
	Circuit *circuits.Circuit
	Model   string
	Shape   []ShapeParameter

	modelBytes []byte
	system     *cs.R1CS
	encoded    []byte
	kernel     circuits.KernelReport
}

// Prepare compiles a model and makes the checks that keys must not exist without. A model that does not compile is a
// *ModelError.
func Prepare(modelBytes []byte) (*Prepared, error) {
	circuit, err := CompileModel(modelBytes)
	if err != nil {
		return nil, err
	}
	return prepare(modelBytes, circuit)
}

func prepare(modelBytes []byte, circuit *circuits.Circuit) (*Prepared, error) {
	system, kernel, err := checkSystem(circuit.ConstraintSystem())
	if err != nil {
		return nil, err
	}
	encoded, err := encodeConstraintSystem(system)
	if err != nil {
		return nil, err
	}
	name, shape, err := modelName(modelBytes)
	if err != nil {
		return nil, err
	}
	return &Prepared{Circuit: circuit, Model: name, Shape: shape,
		modelBytes: modelBytes, system: system, encoded: encoded, kernel: kernel}, nil
}

// System is the constraint system. It must not be changed.
func (p *Prepared) System() *cs.R1CS { return p.system }

// ConstraintSystemDigest is the SHA-256 of the constraint system file.
func (p *Prepared) ConstraintSystemDigest() [32]byte { return sha256.Sum256(p.encoded) }

// CeremonyDirectory is the key directory of a ceremony's keys, in memory. The keys get every check that loading makes of their
// single points; the record is taken as it is.
func (p *Prepared) CeremonyDirectory(pk *groth16.ProvingKey, vk *groth16.VerifyingKey, record *CeremonyRecord) (*Directory, error) {
	return p.directory(pk, vk, record)
}

// directory is of development keys if there is no record.
func (p *Prepared) directory(pk *groth16.ProvingKey, vk *groth16.VerifyingKey, record *CeremonyRecord) (*Directory, error) {
	if err := checkVerifyingKey(vk); err != nil {
		return nil, fmt.Errorf("the new verifying key: %w", err)
	}
	if err := checkProvingPoints(pk, vk); err != nil {
		return nil, fmt.Errorf("the new proving key: %w", err)
	}
	verifying := verifyingFile{
		setup:                  DevelopmentSetup,
		modelDigest:            p.Circuit.ModelDigest(),
		constraintSystemDigest: p.ConstraintSystemDigest(),
		layout:                 p.Circuit.Layout(),
		key:                    encodeVerifyingKey(vk),
	}
	files := map[string][]byte{ModelFile: p.modelBytes, ConstraintSystemFile: p.encoded}
	warning := "Made by one party, who could forge proofs. For development and tests, never for money."
	if record != nil {
		encoded := record.encode(verifying.modelDigest, verifying.constraintSystemDigest, sha256.Sum256(verifying.key))
		digest := sha256.Sum256(encoded)
		verifying.setup, warning = "ceremony:"+hex.EncodeToString(digest[:]), ""
		if err := checkCeremony(encoded, &verifying); err != nil {
			return nil, fmt.Errorf("the new %s: %w", CeremonyFile, err)
		}
		files[CeremonyFile] = encoded
	}
	var proving bytes.Buffer
	if err := pk.WriteDump(&proving); err != nil {
		return nil, fmt.Errorf("encoding the proving key: %w", err)
	}
	files[ProvingKeyFile], files[VerifyingKeyFile] = proving.Bytes(), verifying.encode()

	id := canonical.CircuitID(verifying.modelDigest, sha256.Sum256(verifying.layout), verifying.constraintSystemDigest,
		sha256.Sum256(verifying.key), verifying.setup)
	stats := p.Circuit.Stats()
	return &Directory{CircuitID: id, files: files, manifest: Manifest{
		CircuitID:       hex.EncodeToString(id[:]),
		Setup:           verifying.setup,
		Warning:         warning,
		Model:           p.Model,
		Shape:           p.Shape,
		ModelDigest:     hex.EncodeToString(verifying.modelDigest[:]),
		Gnark:           gnark.Version.String(),
		Constraints:     stats.Constraints,
		FFTSize:         stats.FFTSize,
		KernelDimension: p.kernel.Dimension,
	}}, nil
}

// Directory is a key directory in memory.
type Directory struct {
	CircuitID [32]byte

	files    map[string][]byte
	manifest Manifest
}

// Write writes the directory below root, named by the circuit id: complete or not at all.
func (d *Directory) Write(root string) error {
	return writeDirectory(root, d.CircuitID, d.files, d.manifest)
}

// Compare reads a key directory and refuses every difference from this one with a *RejectedError that names the file. It does not
// look at what is made from the keys, the bundle for one.
func (d *Directory) Compare(path string) error {
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		if err := compareFile(path, name, d.files[name]); err != nil {
			return err
		}
	}
	manifest, err := encodeManifest(d.files, d.manifest)
	if err != nil {
		return err
	}
	return compareFile(path, ManifestFile, manifest)
}

func compareFile(directory, name string, want []byte) error {
	got, err := readFile(directory, name, int64(len(want)))
	if errors.Is(err, fs.ErrNotExist) {
		return rejected("there is no %s", name)
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return rejected("%s has the SHA-256 %x, not %x", name, sha256.Sum256(got), sha256.Sum256(want))
	}
	return nil
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

// encodeManifest writes the manifest with the digests of the files.
func encodeManifest(files map[string][]byte, manifest Manifest) ([]byte, error) {
	manifest.Files = map[string]string{}
	for name, data := range files {
		digest := sha256.Sum256(data)
		manifest.Files[name] = hex.EncodeToString(digest[:])
	}
	return manifest.encode()
}

// writeDirectory writes all files into a temporary directory beside the final one and renames it.
func writeDirectory(root string, id [32]byte, files map[string][]byte, manifest Manifest) (err error) {
	manifestBytes, err := encodeManifest(files, manifest)
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
	// The id depends on fresh random numbers, so nothing is there yet but what the same ceremony made.
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
