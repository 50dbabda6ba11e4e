package baseline_test

import (
	"testing"

	"plimsoll.io/native/baseline"
	"plimsoll.io/native/internal/testmodel"
	"plimsoll.io/native/keys"
)

func TestBaselineProvesTheSameStatement(t *testing.T) {
	circuit, err := keys.CompileModel(testmodel.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	inputs, err := circuit.PublicVector([16]byte{1}, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500}, [32]byte{31: 7})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // keys made, and keys found
		p, err := baseline.Open(circuit, directory)
		if err != nil {
			t.Fatal(err)
		}
		w, err := p.Witness(inputs)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := p.Prove(w)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(proof, w); err != nil {
			t.Fatal(err)
		}
		if p.Constraints() <= circuit.Stats().Constraints {
			t.Errorf("%d rows with hashes, %d without", p.Constraints(), circuit.Stats().Constraints)
		}
	}
}

func TestAnotherTableIsRefused(t *testing.T) {
	circuit, err := keys.CompileModel(testmodel.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p, err := baseline.Open(circuit, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := circuit.PublicVector([16]byte{1}, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500}, [32]byte{31: 7})
	if err != nil {
		t.Fatal(err)
	}
	w, err := p.Witness(inputs)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := p.Prove(w)
	if err != nil {
		t.Fatal(err)
	}
	inputs[3].SetUint64(101)
	other, err := p.Witness(inputs)
	if err != nil {
		t.Fatal(err)
	}
	if p.Verify(proof, other) == nil {
		t.Error("a proof about one table is accepted for another")
	}
}
