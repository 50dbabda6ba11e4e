package keys

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// Names of the files in a key directory.
const (
	ModelFile            = "model.bin"
	ConstraintSystemFile = "circuit.r1cs"
	ProvingKeyFile       = "proving.key"
	VerifyingKeyFile     = "verifying.key"
	ManifestFile         = "manifest.json"
)

// DevelopmentSetup marks keys that one party made, who could forge proofs with what it drew.
const DevelopmentSetup = "development"

// Manifest describes a key directory. Only the circuit id is checked against the outside; the rest is for people
// and for the digests that tell a damaged file.
type Manifest struct {
	CircuitID   string           `json:"circuit_id"`
	Setup       string           `json:"setup"`
	Warning     string           `json:"warning,omitempty"`
	Model       string           `json:"model"`
	Shape       []ShapeParameter `json:"shape"`
	ModelDigest string           `json:"model_digest"`
	// Files maps each file's name to its SHA-256 in hex.
	Files           map[string]string `json:"files"`
	Gnark           string            `json:"gnark"`
	Constraints     int               `json:"constraints"`
	FFTSize         int               `json:"fft_size"`
	KernelDimension int               `json:"kernel_dimension"`
}

// ShapeParameter is one number that the model family was instantiated with.
type ShapeParameter struct {
	Name  string `json:"name"`
	Value uint32 `json:"value"`
}

func (m *Manifest) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

func decodeManifest(data []byte) (*Manifest, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	m := new(Manifest)
	if err := decoder.Decode(m); err != nil {
		return nil, fmt.Errorf("not a manifest: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("bytes follow the manifest")
	}
	return m, nil
}

// digest is the SHA-256 that the manifest has for a file.
func (m *Manifest) digest(file string) ([32]byte, error) {
	var digest [32]byte
	data, err := hex.DecodeString(m.Files[file])
	if err != nil || len(data) != len(digest) {
		return digest, fmt.Errorf("the manifest has no SHA-256 of %s", file)
	}
	copy(digest[:], data)
	return digest, nil
}
