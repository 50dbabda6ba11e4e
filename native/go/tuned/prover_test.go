package tuned

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

func compareWithStock(t *testing.T, f *fixture, inputs fr.Vector, workers int) {
	t.Helper()
	want, wantErr := f.stockWithoutRandomness(inputs)
	var zero fr.Element
	got, err := f.prover.prove(inputs, &zero, &zero, workers)
	if (wantErr != nil) != (err != nil) {
		t.Fatalf("stock: %v, tuned: %v", wantErr, err)
	}
	if err != nil {
		return
	}
	if !got.Ar.Equal(&want.Ar) {
		t.Error("A differs")
	}
	if !got.Bs.Equal(&want.Bs) {
		t.Error("B differs")
	}
	if !got.Krs.Equal(&want.Krs) {
		t.Error("Krs differs")
	}
}

func TestProofEqualsStockPointByPointWithoutRandomness(t *testing.T) {
	f := smallFixture(t)
	for _, workers := range []int{1, 2, 3} {
		compareWithStock(t, f, smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500}), workers)
	}
}

func TestProofsAreAcceptedByStock(t *testing.T) {
	f := smallFixture(t)
	inputs := smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500})
	proof, err := f.prover.Prove(inputs)
	if err != nil {
		t.Fatal(err)
	}
	if err := groth16.Verify(proof, f.vk, inputs); err != nil {
		t.Fatal(err)
	}
}

func TestLoadedKeysProofEqualsStock(t *testing.T) {
	f := loadedFixture(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		compareWithStock(t, f, solventInput(t, f.circuit, random), 2)
	}
}

func BenchmarkProve(b *testing.B) {
	f := loadedFixture(b)
	inputs := solventInput(b, f.circuit, rand.New(rand.NewPCG(1, 2)))
	for _, c := range []struct {
		name    string
		workers int
	}{{"2c", 2}, {"1c", 1}} {
		b.Run(c.name, func(b *testing.B) {
			start := cpuTime()
			defer func() { b.ReportMetric(float64((cpuTime()-start).Microseconds())/1000/float64(b.N), "cpu-ms/op") }()
			for b.Loop() {
				var r, s fr.Element
				r.MustSetRandom()
				s.MustSetRandom()
				if _, err := f.prover.prove(inputs, &r, &s, c.workers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("stock", func(b *testing.B) {
		for b.Loop() {
			if _, err := groth16.Prove(f.system, f.pk, vectorWitness{vector: inputs}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// cpuTime of this process: on a busy machine it tells more than the clock.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
