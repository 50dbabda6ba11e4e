package tuned

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

// TestPhases prints the least times of a proof, of the stock prover's, and of the parts on one processor, for whoever tunes them.
func TestPhases(t *testing.T) {
	f := loadedFixture(t)
	p := f.prover
	inputs := solventInput(t, f.circuit, rand.New(rand.NewPCG(1, 2)))
	s := p.get()
	defer p.put(s)
	var r fr.Element
	r.MustSetRandom()
	var measure func(name string, work func())
	measure = func(name string, work func()) {
		least := time.Hour
		for range 40 {
			start := time.Now()
			work()
			least = min(least, time.Since(start))
		}
		t.Logf("%-10s %8.3f ms", name, least.Seconds()*1000)
	}
	for workers := 1; workers <= 2; workers++ {
		measure(fmt.Sprintf("proof, %d", workers), func() {
			if _, err := p.prove(inputs, &r, &r, workers); err != nil {
				t.Fatal(err)
			}
		})
	}
	measure("stock", func() {
		if _, err := groth16.Prove(f.system, f.pk, vectorWitness{vector: inputs}); err != nil {
			t.Fatal(err)
		}
	})
	measure("solve", func() {
		clear(s.wires)
		s.wires[0].SetOne()
		copy(s.wires[1:], inputs)
		if err := p.program.solve(&s.assignment); err != nil {
			t.Fatal(err)
		}
	})
	measure("derive", func() { s.derive(0, s.left) })
	s.derive(1, s.right)
	measure("A", func() { _, _ = proofPart(&p.key.a, s.wires, &r) })
	measure("B", func() { _, _ = proofPart(&p.key.b, s.wires, &r) })
	measure("B2", func() { _, _ = proofPart(&p.key.b2, s.wires, &r) })
	measure("Krs", func() { _, _ = p.krs(s, &r, 1) })
	measure("round", func() { c := partCache{capacity: 1}; _, _ = c.get(p, partRound, s.wires) })
	measure("account", func() { c := partCache{capacity: 1}; _, _ = c.get(p, partAccount, s.wires) })
	measure("products", func() { s.products(s.h, 0, len(s.h)) })
	k := &p.key.k
	measure("round A", func() { _, _ = p.key.a.part(partRound, s.wires, 1) })
	measure("round B", func() { _, _ = p.key.b.part(partRound, s.wires, 1) })
	measure("round B2", func() { _, _ = p.key.b2.part(partRound, s.wires, 1) })
	measure("round K", func() { _, _ = k.part(partRound, s.wires, 1) })
	t.Logf("round: A %d, B %d, K %d", len(p.key.a.wide[0]), len(p.key.b.wide[0]), len(k.wide[0]))
	d := newDigits()
	measure("digits", func() {
		*d = (*d)[:0]
		for _, w := range k.rows {
			limbs, negative := magnitudeOf(s.h[w.wire])
			*d, _ = k.appendMultiple(*d, w, limbs, negative)
		}
		*d, _ = k.appendWires(*d, k.wide[partProof], s.wires)
		*d = k.appendSubsets(*d, s.wires)
	})
	g := &groups{starts: [][]uint32{make([]uint32, 1<<(k.window-1)+1)}}
	measure("group", func() { _ = g.group([]*digits{d}, k.window, 1) })
	partial := make([]bn254.G1Affine, len(g.ends))
	measure("sums", func() { _ = g1.groupSums(partial, k.table, g.entries, g.ends, 1) })
	measure("weighted", func() { _, _ = g1.weightedSum(k.table, g, k.window, 1) })
	var jac bn254.G1Jac
	jac.FromAffine(&k.table[0])
	measure("scalar", func() { jac.ScalarMultiplication(&jac, bigOf(&r)) })
	t.Logf("window %d, %d rows, %d wide, %d subsets, %d digits, %d groups; A window %d wide %d merged %d subsets %d; B window %d wide %d; table %d points; %d rows in all",
		k.window, len(k.rows), len(k.wide[partProof]), len(k.subsets), len(*d), len(g.ends), p.key.a.window, len(p.key.a.wide[partProof]), len(p.key.a.merged), len(p.key.a.subsets), p.key.b.window,
		len(p.key.b.wide[partProof]), len(k.table), len(p.program.rows))
}
