package tuned

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"

	"plimsoll.io/circuits"
	"plimsoll.io/native/internal/testmodel"
)

const (
	maxPosition = 1000 * testmodel.Attesters
	maxCash     = 1000000 * testmodel.Attesters
)

func TestNamedStatementsEqualStock(t *testing.T) {
	f := smallFixture(t)
	for name, c := range map[string]struct {
		n, d                   uint64
		coefficients, holdings []int64
	}{
		"zero holdings":            {1, 1, []int64{100, 30, 50, 20}, []int64{0, 0, 0}},
		"zero table":               {1, 1, []int64{0, 0, 0, 0}, []int64{10, -20, 500}},
		"everything zero":          {0, 1, []int64{0, 0, 0, 0}, []int64{0, 0, 0}},
		"all-negative book":        {1, 1, []int64{1, 1, 1, 1}, []int64{-10, -20, 500}},
		"all negative and no cash": {1, 1, []int64{0, 0, 0, 0}, []int64{-maxPosition, -maxPosition, 0}},
		"largest":                  {1<<32 - 1, 1<<32 - 1, []int64{1000, 1000, 1000, 1000}, []int64{maxPosition, maxPosition, maxCash}},
		"least":                    {0, 1<<32 - 1, []int64{0, 0, 1000, 1000}, []int64{-maxPosition, -maxPosition, 0}},
		"equal positions":          {1, 1, []int64{7, 7, 3, 3}, []int64{5, 5, 100}},
		"opposite positions":       {1, 1, []int64{7, 7, 3, 3}, []int64{5, -5, 100}},
		"one below the threshold":  {3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 499}},
		"deep below":               {1, 1, []int64{1000, 1000, 1000, 1000}, []int64{-maxPosition, -maxPosition, -maxCash}},
	} {
		t.Run(name, func(t *testing.T) {
			compareWithStock(t, f, smallInput(t, c.n, c.d, c.coefficients, c.holdings), 2)
		})
	}
}

// PLIMSOLL_TUNED_WITNESSES sets how many.
func TestRandomWitnessesEqualStock(t *testing.T) {
	count := 1000
	if text := os.Getenv("PLIMSOLL_TUNED_WITNESSES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		count = n
	}
	f := smallFixture(t)
	random := rand.New(rand.NewPCG(11, 12))
	between := func(limit int64) int64 { return random.Int64N(2*limit+1) - limit }
	for i := range count {
		coefficients := []int64{random.Int64N(1001), random.Int64N(1001), random.Int64N(1001), random.Int64N(1001)}
		holdings := []int64{between(maxPosition), between(maxPosition), between(maxCash)}
		if i%4 == 0 {
			holdings[random.IntN(3)] = 0
		}
		inputs := smallInput(t, uint64(random.Uint32()), uint64(random.Uint32())|1, coefficients, holdings)
		compareWithStock(t, f, inputs, 1+i%2)
		if t.Failed() {
			t.Fatalf("witness %d of the generator", i)
		}
	}
}

func TestAnyProcessorProvesTheSame(t *testing.T) {
	if !setVectors(false) {
		t.Skip("this processor has no vector code")
	}
	defer setVectors(true)
	f := newFixture(t, small())
	compareWithStock(t, f, smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500}), 2)
}

func TestTwoProofsOfOneStatementShareNoPoint(t *testing.T) {
	f := smallFixture(t)
	inputs := smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500})
	var proofs [2]*groth16.Proof
	for i := range proofs {
		var err error
		if proofs[i], err = f.prover.Prove(inputs); err != nil {
			t.Fatal(err)
		}
		if err := groth16.Verify(proofs[i], f.vk, inputs); err != nil {
			t.Fatal(err)
		}
	}
	if proofs[0].Ar.X.Equal(&proofs[1].Ar.X) || proofs[0].Bs.X.Equal(&proofs[1].Bs.X) || proofs[0].Krs.X.Equal(&proofs[1].Krs.X) {
		t.Error("two proofs share a point: their randomness is not fresh")
	}
}

func TestACacheNeverServesAnotherRoundOrAccount(t *testing.T) {
	f := smallFixture(t)
	for _, change := range [][2][]int64{
		{{100, 30, 50, 20}, {10, -20, 500}},
		{{100, 30, 50, 19}, {10, -20, 500}},
		{{100, 30, 50, 19}, {10, -19, 500}},
		{{100, 30, 50, 20}, {10, -20, 500}},
		{{100, 30, 50, 20}, {10, -20, 501}},
	} {
		inputs := smallInput(t, 1, 1, change[0], change[1])
		proof, err := f.prover.Prove(inputs)
		if err != nil {
			t.Fatal(err)
		}
		if err := groth16.Verify(proof, f.vk, inputs); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCachesAreBoundedAndForgetWipes(t *testing.T) {
	f := smallFixture(t)
	p := newProver(f.prover.program, f.prover.key)
	p.accounts.capacity = 2
	for cash := range int64(5) {
		if _, err := p.Prove(smallInput(t, 1, 1, []int64{100, 30, 50, 20}, []int64{10, -20, 500 + cash})); err != nil {
			t.Fatal(err)
		}
		if len(p.accounts.entries) > 2 {
			t.Fatalf("%d accounts are kept", len(p.accounts.entries))
		}
	}
	kept := p.accounts.entries[0].values
	p.accounts.wipe()
	for i := range kept {
		if !kept[i].IsZero() {
			t.Error("a holding is left")
		}
	}
}

func TestProofsMadeAtOnceAreAccepted(t *testing.T) {
	f := smallFixture(t)
	var wait sync.WaitGroup
	for i := range int64(8) {
		inputs := smallInput(t, 1, 1, []int64{100 + i%3, 30, 50, 20}, []int64{10, -20, 500 + i})
		wait.Go(func() {
			for range 5 {
				proof, err := f.prover.Prove(inputs)
				if err != nil {
					t.Error(err)
				} else if err := groth16.Verify(proof, f.vk, inputs); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

func TestAWrongNumberOfInputsIsAnError(t *testing.T) {
	f := smallFixture(t)
	if _, err := f.prover.Prove(make(fr.Vector, 3)); err == nil || errors.Is(err, circuits.ErrUnsatisfied) {
		t.Errorf("error %v", err)
	}
}

func TestAPanicInAnyWorkerIsAnError(t *testing.T) {
	for workers := 1; workers <= 4; workers++ {
		if err := parallel(workers, 8, func(i int) {
			if i == 5 {
				panic("secret")
			}
		}); err == nil || err.Error() != "panic of type string in the prover" {
			t.Errorf("%d workers: error %v", workers, err)
		}
	}
	// In a proof: a table that is too short for its indices.
	f := smallFixture(t)
	broken := *f.prover.key
	broken.k.table = broken.k.table[:1]
	p := newProver(f.prover.program, &broken)
	if _, err := p.Prove(smallInput(t, 1, 1, []int64{100, 30, 50, 20}, []int64{10, -20, 500})); err == nil {
		t.Error("no error")
	}
}

func TestClassesFollowTheInputs(t *testing.T) {
	p := smallFixture(t).prover.program
	want := []class{classConstant, classProof, classProof, classProof, classRound, classRound, classRound, classRound,
		classAccount, classAccount, classAccount, classAccount}
	for w, c := range want {
		if p.class[w] != c {
			t.Errorf("public wire %d has class %d instead of %d", w, p.class[w], c)
		}
	}
	bits := 0
	for w := range p.wires {
		if p.bit[w] == 1 {
			bits++
			if p.class[w] == classConstant || p.class[w] == classRound {
				t.Errorf("bit %d of |position| does not depend on the account", w)
			}
		}
	}
	if bits == 0 {
		t.Error("no bit was recognised")
	}
}

func TestBundles(t *testing.T) {
	f := smallFixture(t)
	inputs := smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500})
	path := filepath.Join(t.TempDir(), "bundle")
	print := [32]byte{1, 2, 3}
	var notes []error
	made := 0
	open := func() *Prover {
		t.Helper()
		p, err := Open(path, print, func() (*Source, error) {
			made++
			return &Source{f.system, f.pk, InputsOf(f.circuit)}, nil
		}, func(err error) { notes = append(notes, err) })
		if err != nil {
			t.Fatal(err)
		}
		proof, err := p.Prove(inputs)
		if err != nil {
			t.Fatal(err)
		}
		if err := groth16.Verify(proof, f.vk, inputs); err != nil {
			t.Fatal(err)
		}
		return p
	}
	expect := func(wantMade, wantNotes int) {
		t.Helper()
		if made != wantMade || len(notes) != wantNotes {
			t.Errorf("prepared %d times with %d notes, instead of %d and %d: %v", made, len(notes), wantMade, wantNotes, notes)
		}
		made, notes = 0, nil
	}
	if err := open().Close(); err != nil {
		t.Fatal(err)
	}
	expect(1, 0)
	p := open()
	expect(0, 0)
	if p.mapped == nil {
		t.Error("the bundle is not mapped")
	}
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Error(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(data []byte) {
		t.Helper()
		if err := errors.Join(os.Remove(path), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []int{0, 64, 100, headerBytes - 1, headerBytes, headerBytes + 300, len(whole) / 2, len(whole) - 1} {
		damaged := append([]byte(nil), whole...)
		damaged[at] ^= 1
		replace(damaged)
		open().Close()
		expect(1, 1)
	}
	for _, length := range []int{0, 1, headerBytes, len(whole) - 64} {
		replace(whole[:length])
		open().Close()
		expect(1, 1)
	}
	// For other keys.
	print[0]++
	open().Close()
	expect(1, 1)
	// No place to write to.
	path = filepath.Join(t.TempDir(), "missing", "bundle")
	open().Close()
	expect(1, 1)
}
