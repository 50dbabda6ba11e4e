package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"

	"plimsoll.io/circuits"
	"plimsoll.io/circuits/canonical"
)

// Sizes in bytes beyond which a file is refused unread.
const (
	MaxModelBytes            = 16 << 20
	maxManifestBytes         = 1 << 20
	maxConstraintSystemBytes = 2 << 30
	maxProvingKeyBytes       = 8 << 30
	maxVerifyingKeyBytes     = 1 << 30
)

// RejectedError is a key directory that is not what it has to be. Its text says which file or point, and why.
type RejectedError struct{ Reason string }

func (e *RejectedError) Error() string { return "keys refused: " + e.Reason }

func rejected(format string, args ...any) error {
	return &RejectedError{Reason: fmt.Sprintf(format, args...)}
}

// Keys are a circuit with its keys, all checked. They are immutable and safe for concurrent use.
type Keys struct {
	CircuitID [32]byte
	// Setup is "development", or "ceremony:" and the SHA-256 of the ceremony's record in hex.
	Setup     string
	Manifest  *Manifest
	Circuit   *circuits.Circuit
	Proving   *groth16.ProvingKey
	Verifying *groth16.VerifyingKey
}

// Checked is a key directory whose files are those that the circuit id and the manifest promise, by their digests. Immutable.
type Checked struct {
	CircuitID [32]byte
	// Setup is as in Keys.
	Setup    string
	Manifest *Manifest
	Model    *circuits.Model

	files                  map[string][]byte
	verifying              *verifyingFile
	constraintSystemDigest [32]byte
}

// Load reads a key directory and makes every check of the trusted setup. The circuit is compiled from
// model.bin; circuit.r1cs is compared with the outcome and never parsed.
//
// It returns a *RejectedError, or an error of the file system.
func Load(directory string, expected [32]byte, allowDevelopment bool) (*Keys, error) {
	checked, err := Check(directory, expected, allowDevelopment)
	if err != nil {
		return nil, err
	}
	return checked.Load()
}

// Check reads a key directory and makes the checks that need neither the circuit nor the keys' points: the digests of all files, the
// circuit id, and whether the setup is allowed. Errors are as of Load.
func Check(directory string, expected [32]byte, allowDevelopment bool) (*Checked, error) {
	manifestBytes, err := readFile(directory, ManifestFile, maxManifestBytes)
	if err != nil {
		return nil, err
	}
	manifest, err := decodeManifest(manifestBytes)
	if err != nil {
		return nil, rejected("%s: %v", ManifestFile, err)
	}
	if manifest.CircuitID != hex.EncodeToString(expected[:]) {
		return nil, rejected("%s is for circuit %.64q, not %x", ManifestFile, manifest.CircuitID, expected)
	}
	files := map[string][]byte{}
	digests := map[string][32]byte{}
	for _, file := range []struct {
		name  string
		limit int64
	}{
		{ModelFile, MaxModelBytes},
		{ConstraintSystemFile, maxConstraintSystemBytes},
		{ProvingKeyFile, maxProvingKeyBytes},
		{VerifyingKeyFile, maxVerifyingKeyBytes},
	} {
		want, err := manifest.digest(file.name)
		if err != nil {
			return nil, rejected("%v", err)
		}
		data, err := readFile(directory, file.name, file.limit)
		if err != nil {
			return nil, err
		}
		got := sha256.Sum256(data)
		if got != want {
			return nil, rejected("%s has the SHA-256 %x; the manifest has %x", file.name, got, want)
		}
		files[file.name], digests[file.name] = data, got
	}

	// From here on, what the circuit id covers is what the caller asked for.
	verifying, err := decodeVerifyingFile(files[VerifyingKeyFile])
	if err != nil {
		return nil, rejected("%s: %v", VerifyingKeyFile, err)
	}
	modelDigest := canonical.ModelDigest(files[ModelFile])
	id := canonical.CircuitID(modelDigest, sha256.Sum256(verifying.layout), digests[ConstraintSystemFile],
		sha256.Sum256(verifying.key), verifying.setup)
	if id != expected {
		return nil, rejected("the files make circuit %x, not %x", id, expected)
	}
	if verifying.modelDigest != modelDigest || verifying.constraintSystemDigest != digests[ConstraintSystemFile] {
		return nil, rejected("%s is for another model or constraint system", VerifyingKeyFile)
	}
	if manifest.Setup != verifying.setup {
		return nil, rejected("%s and %s name different setups", ManifestFile, VerifyingKeyFile)
	}
	if verifying.setup == DevelopmentSetup && !allowDevelopment {
		return nil, rejected("development keys: whoever made them can forge proofs, and the policy does not allow them")
	}
	if verifying.setup != DevelopmentSetup {
		record, err := readFile(directory, CeremonyFile, maxCeremonyBytes)
		if err != nil {
			return nil, err
		}
		if err := checkCeremony(record, verifying); err != nil {
			return nil, rejected("%s: %v", CeremonyFile, err)
		}
	}

	model, err := circuits.ParseModel(files[ModelFile])
	if err != nil {
		return nil, rejected("%s: %v", ModelFile, err)
	}
	if !bytes.Equal(model.Layout(), verifying.layout) {
		return nil, rejected("%s has another layout than the model", VerifyingKeyFile)
	}
	return &Checked{CircuitID: id, Setup: verifying.setup, Manifest: manifest, Model: model,
		files: files, verifying: verifying, constraintSystemDigest: digests[ConstraintSystemFile]}, nil
}

// Load makes the remaining checks.
func (c *Checked) Load() (*Keys, error) {
	circuit, err := circuits.Compile(c.Model)
	if err != nil {
		return nil, rejected("%s: %v", ModelFile, err)
	}
	system := circuit.ConstraintSystem()
	compiled, err := encodeConstraintSystem(system)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(compiled) != c.constraintSystemDigest {
		return nil, rejected("%s is not what this version compiles the model to; make new keys", ConstraintSystemFile)
	}
	if err := checkNoCommitments(system); err != nil {
		return nil, rejected("%s: %v", ConstraintSystemFile, err)
	}

	vk, err := decodeVerifyingKey(c.verifying.key, system.GetNbPublicVariables())
	if err != nil {
		return nil, rejected("%s: %v", VerifyingKeyFile, err)
	}
	pk, err := decodeProvingKey(c.files[ProvingKeyFile], system)
	if err != nil {
		return nil, rejected("%s: %v", ProvingKeyFile, err)
	}
	if err := checkProvingPoints(pk, vk); err != nil {
		return nil, rejected("%s: %v", ProvingKeyFile, err)
	}
	return &Keys{CircuitID: c.CircuitID, Setup: c.Setup, Manifest: c.Manifest, Circuit: circuit, Proving: pk, Verifying: vk}, nil
}

// readFile reads a regular file of at most limit bytes.
func readFile(directory, name string, limit int64) ([]byte, error) {
	// Without O_NONBLOCK, opening a pipe would wait for a writer.
	file, err := os.OpenFile(filepath.Join(directory, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, rejected("%s is no regular file", name)
	}
	if info.Size() > limit {
		return nil, rejected("%s has %d bytes; at most %d are read", name, info.Size(), limit)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, &os.PathError{Op: "read", Path: file.Name(), Err: err}
	}
	return data, nil
}

func encodeConstraintSystem(system constraint.ConstraintSystem) ([]byte, error) {
	var buffer bytes.Buffer
	if _, err := system.WriteTo(&buffer); err != nil {
		return nil, fmt.Errorf("encoding the constraint system: %w", err)
	}
	return buffer.Bytes(), nil
}
