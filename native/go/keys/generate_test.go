package keys

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
	"github.com/consensys/gnark/std/rangecheck"

	"plimsoll.io/native/internal/testmodel"
)

func TestGenerateWritesWhatTheManifestSays(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a", "b")
	var stages []Stage
	id, err := Generate(testmodel.Bytes(), root, func(stage Stage) { stages = append(stages, stage) })
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(stages, []Stage{StageCompile, StageCheck, StageSetup, StageWrite}) {
		t.Errorf("stages %v", stages)
	}
	loaded, err := Load(filepath.Join(root, hex.EncodeToString(id[:])), id, true)
	if err != nil {
		t.Fatal(err)
	}
	m := loaded.Manifest
	stats := loaded.Circuit.Stats()
	if m.Setup != DevelopmentSetup || m.Warning == "" || m.Model != "test" || m.Gnark == "" ||
		!slices.Equal(m.Shape, []ShapeParameter{{"positions", 2}}) ||
		m.Constraints != stats.Constraints || m.FFTSize != stats.FFTSize || len(m.Files) != 4 {
		t.Errorf("manifest %+v", m)
	}
	entries, err := os.ReadDir(root)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries in the directory, error %v", len(entries), err)
	}
}

func TestTwoSetupsOfOneModelAreTwoCircuits(t *testing.T) {
	root := t.TempDir()
	one, err := Generate(testmodel.Bytes(), root, nil)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Generate(testmodel.Bytes(), root, nil)
	if err != nil {
		t.Fatal(err)
	}
	if one == two {
		t.Error("two setups drew the same numbers")
	}
}

func TestModelThatBreaksARuleHasNoKeys(t *testing.T) {
	for _, model := range [][]byte{nil, []byte("model"), testmodel.Bytes()[1:]} {
		root := t.TempDir()
		_, err := Generate(model, root, nil)
		var invalid *ModelError
		if !errors.As(err, &invalid) {
			t.Errorf("error %v", err)
		}
		if entries, _ := os.ReadDir(root); len(entries) != 0 {
			t.Errorf("%d entries were left", len(entries))
		}
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Generate(testmodel.Bytes(), filepath.Join(file, "keys"), nil)
	var path *fs.PathError
	if !errors.As(err, &path) {
		t.Errorf("error %v", err)
	}

	root := t.TempDir()
	m := copyOfGood(t)
	err = writeDirectory(root, m.id, map[string][]byte{"missing/" + ModelFile: nil}, m.manifest)
	if !errors.As(err, &path) {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(root); len(entries) != 0 {
		t.Errorf("%d entries were left", len(entries))
	}
}

// linearContext has the context in a linear row only, beside a wire that gives way: anyone could re-target a proof.
type linearContext struct {
	Context  frontend.Variable `gnark:",public"`
	Holding  frontend.Variable `gnark:",public"`
	Blinding frontend.Variable `gnark:",public"`
	Square   frontend.Variable
	Slack    frontend.Variable
}

func (c *linearContext) Define(api frontend.API) error {
	api.AssertIsEqual(api.Mul(c.Holding, c.Blinding), c.Square)
	api.AssertIsEqual(api.Add(c.Context, c.Slack), 0)
	return nil
}

type usesCommitments struct {
	Context  frontend.Variable `gnark:",public"`
	Blinding frontend.Variable `gnark:",public"`
}

func (c *usesCommitments) Define(api frontend.API) error {
	api.AssertIsEqual(api.Mul(c.Context, c.Blinding), 1)
	rangecheck.New(api).Check(c.Context, 64)
	return nil
}

func TestLinearContextFailsKeyGeneration(t *testing.T) {
	system, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, new(linearContext))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := checkSystem(system); err == nil || !strings.Contains(err.Error(), "kernel") {
		t.Errorf("error %v", err)
	}
}

func TestCommitmentsFailKeyGeneration(t *testing.T) {
	system, err := frontend.Compile(ecc.BN254.ScalarField(), r1cs.NewBuilder, new(usesCommitments))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := checkSystem(system); err == nil || !strings.Contains(err.Error(), "commitment extension") {
		t.Errorf("error %v", err)
	}
}
