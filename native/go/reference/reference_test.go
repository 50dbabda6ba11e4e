package reference_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"plimsoll.io/native/internal/testmodel"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
	"plimsoll.io/native/reference"
)

var methods = []reference.Method{reference.Aggregated, reference.FixedLines, reference.FourPairs}

type fixture struct {
	stock *prover.Stock
	key   *reference.Key
	input *prover.Input
	proof [prover.ProofBytes]byte
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	directory := t.TempDir()
	id, err := keys.Generate(testmodel.Bytes(), directory, nil)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := filepath.Glob(filepath.Join(directory, "*", keys.VerifyingKeyFile))
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	file, err := os.ReadFile(entries[0])
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := keys.Load(filepath.Dir(entries[0]), id, true)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{stock: prover.NewStock(loaded)}
	if f.key, err = reference.Read(file); err != nil {
		t.Fatal(err)
	}
	f.input = &prover.Input{
		Context: [16]byte{0xff, 1, 2, 3}, Numerator: 3, Denominator: 3,
		Coefficients: []int64{100, 30, 50, 20}, Holdings: []int64{10, -20, 500},
	}
	f.input.Blinding[31] = 7
	if f.proof, err = f.stock.Prove(f.input); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) sum(t *testing.T, first int, scalars []int64, blinding []byte) []byte {
	t.Helper()
	terms, err := f.key.Terms(int64(first), scalars, blinding)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := terms.Sum()
	if err != nil {
		t.Fatal(err)
	}
	bytes := sum.Bytes()
	return bytes[:]
}

func (f *fixture) statement(t *testing.T) *reference.Statement {
	t.Helper()
	round := f.sum(t, 0, append([]int64{1, 0, 0, 0}, f.input.Coefficients...), nil)
	commitment := f.sum(t, reference.FirstCoefficient+len(f.input.Coefficients), f.input.Holdings, f.input.Blinding[:])
	s, err := reference.NewStatement(round, commitment, f.input.Context,
		uint32(f.input.Numerator), uint32(f.input.Denominator))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryMethodAcceptsTheProofAndNoOtherStatement(t *testing.T) {
	f := newFixture(t)
	for _, method := range methods {
		// Twice: nothing precomputed may be used up.
		for range 2 {
			if !f.key.Verify(method, f.statement(t), f.proof[:]) {
				t.Errorf("method %d rejects a valid proof", method)
			}
		}
		for _, change := range []func(*reference.Statement){
			func(s *reference.Statement) { s.Context[15] ^= 1 },
			func(s *reference.Statement) { s.Numerator++ },
			func(s *reference.Statement) { s.Denominator++ },
			func(s *reference.Statement) { s.Commitments = append(s.Commitments, s.Commitments[0]) },
			func(s *reference.Statement) { s.Round.Neg(&s.Round) },
		} {
			s := f.statement(t)
			change(s)
			if f.key.Verify(method, s, f.proof[:]) {
				t.Errorf("method %d accepts the proof of another statement", method)
			}
		}
		for i := range f.proof {
			bad := f.proof
			bad[i] ^= 1
			if f.key.Verify(method, f.statement(t), bad[:]) {
				t.Errorf("method %d accepts a proof with byte %d changed", method, i)
			}
		}
		if f.key.Verify(method, f.statement(t), f.proof[1:]) {
			t.Errorf("method %d accepts a proof that is too short", method)
		}
	}
	if f.key.Verify(reference.Method(7), f.statement(t), f.proof[:]) {
		t.Error("an unknown method accepts")
	}
}

func TestBadInputIsAnError(t *testing.T) {
	f := newFixture(t)
	var invalid *prover.InvalidInputError
	for _, terms := range []struct {
		first    int64
		scalars  []int64
		blinding []byte
	}{{-1, nil, nil}, {1 << 40, nil, nil}, {11, []int64{1, 2}, nil}, {0, nil, []byte{1}}} {
		if _, err := f.key.Terms(terms.first, terms.scalars, terms.blinding); !errors.As(err, &invalid) {
			t.Errorf("%v: %v", terms, err)
		}
	}
	point := f.sum(t, 0, []int64{1}, nil)
	for _, bad := range [][2][]byte{{point[1:], nil}, {point, point[1:]}, {nil, nil}} {
		if _, err := reference.NewStatement(bad[0], bad[1], [16]byte{}, 1, 1); !errors.As(err, &invalid) {
			t.Errorf("%x: %v", bad, err)
		}
	}
	if _, err := reference.Read([]byte("no key")); err == nil {
		t.Error("no key is read")
	}
}
