package tuned

import (
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// multiplesOfG is G, 2G, ..., nG.
func multiplesOfG(n int) []bn254.G1Affine {
	_, _, g, _ := bn254.Generators()
	points := make([]bn254.G1Affine, n)
	points[0] = g
	for i := 1; i < n; i++ {
		points[i].Add(&points[i-1], &g)
	}
	return points
}

func withAndWithoutVectors(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Run("this processor", test)
	if setVectors(false) {
		defer setVectors(true)
		t.Run("any processor", test)
	}
}

func newAdder() *adder[bn254.G1Affine] {
	return &adder[bn254.G1Affine]{kernel: g1.newKernel()}
}

func TestSumsOfGroupsOfAnySizeAreThoseOfSlowAdditions(t *testing.T) {
	table := multiplesOfG(1 << 12)
	withAndWithoutVectors(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(3, 4))
		w := newAdder()
		for _, sizes := range [][]int{{1}, {2}, {3}, {0, 1, 0, 2, 0}, {15, 16, 17}, {100, 1, 33, 0, 64, 2000}, {3000}} {
			var entries []entry
			var ends []uint32
			next := random.Perm(len(table))
			for _, size := range sizes {
				for range size {
					entries = append(entries, entry(next[0])<<1|entry(random.IntN(2)))
					next = append(next[1:], next[0])
				}
				ends = append(ends, uint32(len(entries)))
			}
			out := make([]bn254.G1Affine, len(sizes))
			g1.sums(w, out, table, entries, 0, ends)
			start := uint32(0)
			for g, end := range ends {
				if want := g1.slow(table, entries[start:end]); !out[g].Equal(&want) {
					t.Errorf("sizes %v: group %d differs", sizes, g)
				}
				start = end
			}
		}
	})
}

func TestEqualAndOppositePointsAreAddedAsWell(t *testing.T) {
	table := multiplesOfG(8)
	cases := map[string]struct {
		entries []entry
		factor  int64 // of G
	}{
		"equal":                       {[]entry{0, 0}, 2},
		"opposite":                    {[]entry{0, 1}, 0},
		"opposite, then another":      {[]entry{0, 1, 4}, 3},
		"equal sums of different":     {[]entry{0, 4, 2, 2}, 8},     // (G+3G) + (2G+2G)
		"opposite sums of different":  {[]entry{0, 4, 3, 3}, 0},     // (G+3G) - (2G+2G)
		"all equal":                   {[]entry{2, 2, 2, 2, 2}, 10}, // five times 2G
		"opposite at the second step": {[]entry{0, 2, 1, 3, 12}, 7}, // (G+2G) - (G+2G) + 7G
		"infinity at the end":         {[]entry{0, 2, 4, 6, 10, 13 - 2 + 4, 9}, 1 + 2 + 3 + 4 + 6 - 8 - 5},
	}
	withAndWithoutVectors(t, func(t *testing.T) {
		for name, c := range cases {
			out := make([]bn254.G1Affine, 1)
			g1.sums(newAdder(), out, table, c.entries, 0, []uint32{uint32(len(c.entries))})
			var factor fr.Element
			factor.SetInt64(c.factor)
			_, _, g, _ := bn254.Generators()
			var want bn254.G1Affine
			want.ScalarMultiplication(&g, bigOf(&factor))
			if !out[0].Equal(&want) {
				t.Errorf("%s: not %d G", name, c.factor)
			}
		}
	})
}

func TestWeightedSumsAreThoseOfSlowAdditions(t *testing.T) {
	table := multiplesOfG(600)
	withAndWithoutVectors(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(5, 6))
		for _, window := range []int{2, 5, 6, 9} {
			for _, count := range []int{0, 1, 40, 600} {
				d := newDigits()
				want := int64(0)
				for i := range count {
					weight := 1 + random.IntN(1<<(window-1))
					sign := random.IntN(2)
					*d = append(*d, uint64(weight)<<32|uint64(i)<<1|uint64(sign))
					want += int64(weight*(i+1)) * int64(1-2*sign)
				}
				f := &form[bn254.G1Affine]{curve: g1, window: window, table: table}
				for workers := 1; workers <= 2; workers++ {
					got, err := f.sum([]*digits{d}, workers)
					if err != nil {
						t.Fatal(err)
					}
					var factor fr.Element
					factor.SetInt64(want)
					_, _, g, _ := bn254.Generators()
					var expected bn254.G1Affine
					expected.ScalarMultiplication(&g, bigOf(&factor))
					if !got.Equal(&expected) {
						t.Errorf("window %d, %d points, %d workers: wrong sum", window, count, workers)
					}
				}
				d.release()
			}
		}
	})
}

func TestAProofLeavesNoPartialSums(t *testing.T) {
	f := smallFixture(t)
	if _, err := f.prover.Prove(smallInput(t, 1, 1, []int64{100, 30, 50, 20}, []int64{10, -20, 500})); err != nil {
		t.Fatal(err)
	}
	if len(g1.free) == 0 {
		t.Fatal("no adder was used")
	}
	for _, w := range g1.free {
		for _, buffer := range w.buffers {
			for i := range buffer {
				if !buffer[i].IsInfinity() {
					t.Fatal("a partial sum is left")
				}
			}
		}
	}
}

func TestSignedDigitsAddUpToTheValue(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for window := 2; window <= 17; window++ {
		f := &form[bn254.G1Affine]{window: window}
		w := wide{first: 7, windows: windowsFor(fr.Bits-1, window)}
		values := []fr.Element{fr.NewElement(0), fr.NewElement(1), {}, {}, fr.NewElement(1<<window - 1), fr.NewElement(1 << (window - 1))}
		values[2].SetInt64(-1)
		values[3] = fr.Element(halfModulus)
		values[3] = *new(fr.Element).SetBigInt(limbsToBig(halfModulus)) // the largest magnitude
		for range 50 {
			var e fr.Element
			e.SetBigInt(limbsToBig([4]uint64{random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64()}))
			values = append(values, e)
		}
		for _, value := range values {
			limbs, negative := magnitude(&value)
			d, err := f.appendMultiple(nil, w, limbs, negative)
			if err != nil {
				t.Fatal(err)
			}
			var sum fr.Element
			for _, word := range d {
				index, weight := uint32(word)>>1-w.first, word>>32
				if weight < 1 || weight > 1<<(window-1) {
					t.Fatalf("weight %d in a window of %d", weight, window)
				}
				term := fr.NewElement(weight)
				for range int(index) * window {
					term.Double(&term)
				}
				if word&1 == 1 {
					term.Neg(&term)
				}
				sum.Add(&sum, &term)
			}
			if !sum.Equal(&value) {
				t.Errorf("window %d: the digits do not add up", window)
			}
		}
	}
}

func TestAValueBeyondItsTableIsAnError(t *testing.T) {
	f := &form[bn254.G1Affine]{window: 6}
	w := wide{windows: windowsFor(publicBits, 6)}
	if _, err := f.appendMultiple(nil, w, [4]uint64{1 << 63, 0, 0, 0}, true); err != nil {
		t.Errorf("the least 64-bit integer: %v", err)
	}
	if _, err := f.appendMultiple(nil, w, [4]uint64{0, 1 << 10, 0, 0}, false); err == nil {
		t.Error("2^74 fits into 64 bits")
	}
}
