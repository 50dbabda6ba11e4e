package circuits

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint/solver"
)

// A quotient without a range takes every remainder with it: q = (x - remainder) / divisor exists in the field for each. The
// enumeration must see that, or it would not see a compiler that forgets the range.
func TestEnumerationFindsTheFreedomOfAFreeQuotient(t *testing.T) {
	const divisor = 3
	r := newRows(0, 2, 0, 10)
	x := wireOf(4)
	wires := r.hinted(bitsHint, 2, x)
	quotient := r.hinted(inverseHint, 1, x)[0]
	remainder := r.bitsUpTo(big.NewInt(divisor-1), wires)
	r.row(nil, nil, wireOf(quotient).scaled(fr.NewElement(divisor)).plus(remainder).minus(x))
	s := overSmallField(t, r.system, 31)
	remainders := map[int64]bool{}
	s.enumerate([]int64{0, 0, 1, 7, 0, 0}, func() { remainders[s.value(s.parts(t, remainder))] = true })
	if len(remainders) != divisor {
		t.Fatalf("%d remainders of 7, a free quotient allows all %d", len(remainders), divisor)
	}
}

func TestEnumerationFindsTheFreedomOfAFreeRemainder(t *testing.T) {
	// The remainder in [0, 4) instead of [0, 3): 6 = 3 * 2 + 0 = 3 * 1 + 3.
	r := newRows(0, 2, 0, 10)
	x := wireOf(4)
	wires := r.hinted(bitsHint, 4, x)
	quotient := r.bits(wires[2:])
	r.row(nil, nil, quotient.scaled(fr.NewElement(3)).plus(r.bits(wires[:2])).minus(x))
	s := overSmallField(t, r.system, 31)
	solutions := 0
	s.enumerate([]int64{0, 0, 1, 6, 0, 0}, func() { solutions++ })
	if solutions != 2 {
		t.Fatalf("%d quotients of 6, want 2", solutions)
	}
}

func TestEnumerationFindsTheFreedomOfRoundingInATooSmallField(t *testing.T) {
	for _, c := range gadgetCases {
		if c.name != "rounded down" {
			continue
		}
		m := c.model(t)
		// divisor * 2^width = 24 > 17.
		if exact, _ := enumerateCase(t, m, lowered(t, m), 17); exact {
			t.Fatal("with p = 17 the gadget wraps around, and the enumeration should see it")
		}
	}
}

func TestBitsUpToABoundAreExactlyTheNumbersUpToIt(t *testing.T) {
	for bound := int64(1); bound < 16; bound++ {
		r := newRows(0, 0, 0, 10)
		width := big.NewInt(bound).BitLen()
		sum := r.bitsUpTo(big.NewInt(bound), r.hinted(bitsHint, width, wireOf(contextWire)))
		s := overSmallField(t, r.system, 37)
		seen := map[int64]int{}
		s.enumerate([]int64{0, 0, 1, 0}, func() { seen[s.value(s.parts(t, sum))]++ })
		for v := range int64(32) {
			if want := map[bool]int{true: 1}[v <= bound]; seen[v] != want {
				t.Fatalf("bound %d: %d witnesses for %d, want %d", bound, seen[v], v, want)
			}
		}
	}
}

// widest is a node of an interval from -(2^250 - 1) to 2^250 - 1: 2^187 * (a + b) + c.
func widest(g *graph) uint32 {
	almost := new(big.Int).Sub(power(250), one)
	a := g.vector("a", 1, -1<<62, 1<<62, "")[0]
	top := new(big.Int).Lsh(one, 187)
	// 2^187 * 2^62 = 2^249 and the rest by b: together just below 2^250.
	rest := new(big.Int).Sub(almost, power(249))
	b := g.tensor("b", 1, -1, 1)[0]
	return g.sum(0, top, a, rest, b)
}

func TestRoundingIsExactAndALieRejectedUpToTheLimit(t *testing.T) {
	almost := new(big.Int).Sub(power(250), one)
	for _, divisor := range []*big.Int{big.NewInt(2), big.NewInt(3), big.NewInt(1_000_000), power(125), new(big.Int).Add(power(125), one),
		power(249), new(big.Int).Add(power(249), one), almost} {
		g := newGraph()
		x := widest(g)
		q := g.roundDown(x, divisor)
		g.assert(g.sum(-5, 1, g.denominator()))
		m := g.model(t)
		l := lowered(t, m)
		for _, input := range [][2]int64{{0, 0}, {1 << 62, 1}, {-1 << 62, -1}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1<<62 - 1, 1}, {-1<<62 + 1, -1}} {
			public := publicVector(0, 0, 1, input[1], input[0], 0)
			want := evaluate(m, 0, 1, []int64{input[1]}, []int64{input[0]})
			wires, err := solve(l.system, public)
			if err != nil {
				t.Fatalf("divisor %v, input %v: %v", divisor, input, err)
			}
			if got := signedValue(l.forms[q].evaluate(wires)); got.Cmp(want[q]) != 0 {
				t.Errorf("divisor %v, input %v: %v, want %v", divisor, input, got, want[q])
			}
			for name, lie := range roundingLies {
				if lied := solveLying(t, l, public, lie); lied {
					t.Errorf("divisor %v, input %v, %s: accepted", divisor, input, name)
				}
			}
		}
	}
}

// roundingLies are pairs of remainder and quotient that a cheating prover may answer instead: the x that is divided
// is moved by a multiple of the field's order, or the quotient by one with the remainder to match.
var roundingLies = map[string]func(field, x, divisor *big.Int) (quotient, remainder *big.Int){
	"x + r": func(f, x, d *big.Int) (*big.Int, *big.Int) {
		return new(big.Int).DivMod(new(big.Int).Add(x, f), d, new(big.Int))
	},
	"x - r": func(f, x, d *big.Int) (*big.Int, *big.Int) {
		return new(big.Int).DivMod(new(big.Int).Sub(x, f), d, new(big.Int))
	},
	"quotient one more": func(_, x, d *big.Int) (*big.Int, *big.Int) {
		q, m := new(big.Int).DivMod(x, d, new(big.Int))
		return q.Add(q, one), m.Sub(m, d)
	},
	"quotient one less": func(_, x, d *big.Int) (*big.Int, *big.Int) {
		q, m := new(big.Int).DivMod(x, d, new(big.Int))
		return q.Sub(q, one), m.Add(m, d)
	},
	"remainder 0": func(f, x, d *big.Int) (*big.Int, *big.Int) {
		q := new(big.Int).ModInverse(d, f)
		q.Mul(q, x).Mod(q, f)
		if new(big.Int).Mod(x, d).Sign() == 0 {
			q.Add(q, one) // the truth would be no lie
		}
		return q, new(big.Int)
	},
	"remainder 1": func(f, x, d *big.Int) (*big.Int, *big.Int) {
		q := new(big.Int).ModInverse(d, f)
		q.Mul(q, new(big.Int).Sub(x, one)).Mod(q, f)
		if new(big.Int).Mod(x, d).Cmp(one) == 0 {
			q.Add(q, one)
		}
		return q, big.NewInt(1)
	},
}

// solveLying answers the quotient hint by a lie, in three encodings: cut to the bits that there are, with the top wire taking what
// does not fit, and with the bottom wire taking all. It says whether one was accepted.
func solveLying(t *testing.T, l *lowering, public fr.Vector, lie func(f, x, d *big.Int) (q, m *big.Int)) bool {
	t.Helper()
	w, err := witnessPublic(public)
	if err != nil {
		t.Fatal(err)
	}
	for _, encode := range []func(f, v *big.Int, out []*big.Int){
		func(_, v *big.Int, out []*big.Int) {
			for i, o := range out {
				o.SetUint64(uint64(v.Bit(i)))
			}
		},
		func(f, v *big.Int, out []*big.Int) {
			for i, o := range out {
				if i < len(out)-1 {
					o.SetUint64(uint64(v.Bit(i)))
				} else {
					o.Rsh(v, uint(i)).Mod(o, f)
				}
			}
		},
		func(f, v *big.Int, out []*big.Int) {
			setAll(out, 0)
			if len(out) > 0 {
				out[0].Mod(v, f)
			}
		},
	} {
		liar := func(f *big.Int, in, out []*big.Int) error {
			d, least := in[1], signed(f, in[2])
			q, m := lie(f, signed(f, in[0]), d)
			q.Sub(q, least)
			split := new(big.Int).Sub(d, one).BitLen()
			encode(f, m, out[:split])
			encode(f, q, out[split:])
			return nil
		}
		if _, err := l.system.Solve(w, solver.OverrideHint(solver.GetHintID(quotientHint), liar)); err == nil {
			return true
		}
	}
	return false
}

func TestLyingQuotientOrRemainderIsRejectedAtEveryValue(t *testing.T) {
	for _, divisor := range []int64{2, 3, 7, 8, 10, 100} {
		g := newGraph()
		x := g.vector("x", 1, -200, 199, "")[0]
		g.roundDown(x, big.NewInt(divisor))
		g.assert(g.sum(-5, 1, g.denominator()))
		l := lowered(t, g.model(t))
		for x := int64(-200); x < 200; x += 1 + 3*min(7, max(x, -x)/16) {
			for name, lie := range roundingLies {
				if solveLying(t, l, publicVector(0, 0, 1, x, 0), lie) {
					t.Errorf("divisor %d, x = %d, %s: accepted", divisor, x, name)
				}
			}
		}
	}
}
