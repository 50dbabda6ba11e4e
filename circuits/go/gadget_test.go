package circuits

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"
)

// smallRows is a compiled circuit's rows over a small prime field, for enumerating all witnesses. The rows are read
// back from gnark's form; their coefficients are small integers and halves, which mean the same in any field.
type smallRows struct {
	p          int64
	wires      int
	public     int
	rows       [][3][]smallPart
	lastWire   []int // by row: its greatest wire
	assignment []int64
}

type smallPart struct {
	wire        int
	coefficient int64
}

func overSmallField(t testing.TB, system *cs.R1CS, p int64) *smallRows {
	s := &smallRows{p: p, public: system.GetNbPublicVariables()}
	s.wires = s.public + system.GetNbSecretVariables() + system.GetNbInternalVariables()
	for _, row := range rowsOf(system) {
		var small [3][]smallPart
		last := 0
		for side, l := range row {
			small[side] = s.parts(t, l)
			for _, part := range l {
				last = max(last, int(part.wire))
			}
		}
		s.rows = append(s.rows, small)
		s.lastWire = append(s.lastWire, last)
	}
	return s
}

func (s *smallRows) parts(t testing.TB, l linear) []smallPart {
	var result []smallPart
	for _, part := range l {
		value := signedValue(part.coefficient)
		inverse := int64(1)
		if value.BitLen() > 60 {
			var twice fr.Element
			value = signedValue(*twice.Double(&part.coefficient))
			inverse = (s.p + 1) / 2
		}
		if value.BitLen() > 60 {
			t.Fatalf("coefficient %v is neither a small integer nor a half", part.coefficient.String())
		}
		c := new(big.Int).Mod(value, big.NewInt(s.p)).Int64()
		result = append(result, smallPart{int(part.wire), c * inverse % s.p})
	}
	return result
}

func (s *smallRows) value(parts []smallPart) int64 {
	var sum int64
	for _, part := range parts {
		sum += part.coefficient * s.assignment[part.wire]
	}
	return sum % s.p
}

// enumerate visits every assignment of field elements to the internal wires that satisfies all rows, for given public
// inputs. It tries every element for every wire and drops a branch when a row with all its wires assigned is broken.
func (s *smallRows) enumerate(public []int64, visit func()) {
	s.assignment = make([]int64, s.wires)
	s.assignment[0] = 1
	for i, v := range public {
		s.assignment[i+1] = ((v % s.p) + s.p) % s.p
	}
	due := make([][]int, s.wires)
	for i, wire := range s.lastWire {
		due[max(wire, s.public-1)] = append(due[max(wire, s.public-1)], i)
	}
	holds := func(wire int) bool {
		for _, i := range due[wire] {
			row := s.rows[i]
			if s.value(row[0])*s.value(row[1])%s.p != s.value(row[2]) {
				return false
			}
		}
		return true
	}
	var assign func(wire int)
	assign = func(wire int) {
		if wire == s.wires {
			visit()
			return
		}
		for v := range s.p {
			s.assignment[wire] = v
			if holds(wire) {
				assign(wire + 1)
			}
		}
	}
	if holds(s.public - 1) {
		assign(s.public)
	}
}

// gadgetCase is a small model over two holdings and one coefficient.
type gadgetCase struct {
	name  string
	lo    int64
	hi    int64
	build func(g *graph, x, y uint32)
}

var gadgetCases = []gadgetCase{
	{"sign", -4, 3, func(g *graph, x, _ uint32) { g.sign(x) }},
	{"sign, not a power of two", -3, 5, func(g *graph, x, _ uint32) { g.sign(x) }},
	{"sign of a bound at zero", -6, 0, func(g *graph, x, _ uint32) { g.sign(x) }},
	{"sign without bits", -1, 0, func(g *graph, x, _ uint32) { g.sign(x) }},
	{"sign that is constant", 0, 4, func(g *graph, x, _ uint32) { g.sign(x) }},
	{"magnitude", -5, 2, func(g *graph, x, _ uint32) { g.magnitude(x) }},
	{"magnitude of both orientations", -3, 3, func(g *graph, x, _ uint32) { g.magnitude(x); g.magnitude(g.sum(0, -1, x)) }},
	{"magnitude of a negative", -5, 0, func(g *graph, x, _ uint32) { g.magnitude(x) }},
	{"positive part", -4, 3, func(g *graph, x, _ uint32) { g.product(g.sign(x), x) }},
	{"negative part", -4, 3, func(g *graph, x, _ uint32) { g.product(g.sum(1, -1, g.sign(x)), x) }},
	{"nonZero", -3, 3, func(g *graph, x, _ uint32) { g.nonZero(x) }},
	{"maximum", -2, 2, func(g *graph, x, y uint32) { g.maximum(x, y) }},
	{"maximum, both ways", -2, 2, func(g *graph, x, y uint32) { g.maximum(x, y); g.maximum(y, x) }},
	{"maximum with zero", -3, 3, func(g *graph, x, _ uint32) { g.maximum(g.constant(0), x) }},
	{"selection by a sign", -2, 2, func(g *graph, x, y uint32) { g.product(g.sign(x), y) }},
	{"rounded down", -7, 6, func(g *graph, x, _ uint32) { g.roundDown(x, big.NewInt(3)) }},
	{"rounded up", -7, 6, func(g *graph, x, _ uint32) { g.sum(0, -1, g.roundDown(g.sum(0, -1, x), big.NewInt(3))) }},
	{"rounded down by a power of two", -7, 6, func(g *graph, x, _ uint32) { g.roundDown(x, big.NewInt(4)) }},
	{"rounded down by 5", -4, 3, func(g *graph, x, _ uint32) { g.roundDown(x, big.NewInt(5)) }},
	{"rounded down by 6", -7, 6, func(g *graph, x, _ uint32) { g.roundDown(x, big.NewInt(6)) }},
	{"rounded down by 7", 0, 8, func(g *graph, x, _ uint32) { g.roundDown(x, big.NewInt(7)) }},
	{"rounded down by 1", -3, 3, func(g *graph, x, _ uint32) { g.roundDown(x, big.NewInt(1)) }},
	{"rounded down to one quotient", 0, 5, func(g *graph, x, _ uint32) { g.roundDown(x, big.NewInt(6)) }},
	{"rounded down by two divisors", -5, 5, func(g *graph, x, _ uint32) {
		g.sum(0, 1, g.roundDown(x, big.NewInt(2)), 1, g.roundDown(x, big.NewInt(3)), 1, g.roundDown(x, big.NewInt(2)))
	}},
	{"product and square", -2, 2, func(g *graph, x, y uint32) { g.product(x, y); g.product(x, x) }},
}

// smallModel wraps a case; the assertion only makes the model well-formed.
func (c gadgetCase) model(t *testing.T) *Model {
	g := newGraph()
	h := g.vector("h", 2, c.lo, c.hi, "")
	c.build(g, h[0], h[1])
	g.assert(g.sum(-1, 1, g.denominator()))
	g.assert(g.sum(0, 1, g.numerator(), -1, g.denominator()))
	return g.model(t)
}

// enumerateCase visits all inputs and all witnesses over the field of p elements, and says whether every witness gives every
// node the model's value, and every input has a witness.
func enumerateCase(t *testing.T, m *Model, l *lowering, p int64) (exact bool, witnesses int) {
	s := overSmallField(t, l.system, p)
	exact = true
	bounds := m.holdings[0]
	for x := bounds.min; x <= bounds.max; x++ {
		for y := bounds.min; y <= bounds.max; y++ {
			want := evaluate(m, 0, 1, nil, []int64{x, y})
			found := false
			s.enumerate([]int64{0, 0, 1, x, y, 0}, func() {
				found = true
				witnesses++
				for i := range want {
					got := s.value(s.parts(t, l.forms[i]))
					if got != new(big.Int).Mod(want[i], big.NewInt(p)).Int64() {
						exact = false
					}
				}
			})
			exact = exact && found
		}
	}
	return exact, witnesses
}

func TestEveryGadgetHasOnlyTheModelsValuesOverAllWitnessesOfSmallFields(t *testing.T) {
	for _, c := range gadgetCases {
		t.Run(c.name, func(t *testing.T) {
			m := c.model(t)
			l := lowered(t, m)
			// The condition of the width: |x| + 2^w + 1 <= p for the gadget of the widest expression, here a difference of at most 2*|x|.
			// That of rounding down: divisor * 2^w <= p, here at most 24.
			for _, p := range []int64{31, 37, 101} {
				if exact, witnesses := enumerateCase(t, m, l, p); !exact || witnesses == 0 {
					t.Errorf("p = %d: some witness gives a node another value, or an input has none (%d witnesses)", p, witnesses)
				}
			}
		})
	}
}

func TestEnumerationFindsTheFreedomOfATooSmallField(t *testing.T) {
	m := gadgetCases[0].model(t)
	if exact, _ := enumerateCase(t, m, lowered(t, m), 5); exact {
		t.Fatal("with p = 5 the sign gadget wraps around, and the enumeration should see it")
	}
}

func TestEnumerationFindsTheFreeBitOfTheLooseGadget(t *testing.T) {
	// y = (1 - 2b) x in [0, 4), the usual gadget: at 0 both bits satisfy it.
	r := newRows(0, 2, 0, 10)
	x := wireOf(4)
	wires := r.hinted(signHint, 3, x)
	r.boolean(wires[0])
	bit := wireOf(wires[0])
	r.row(x, constantOf(fr.One()).minus(bit.scaled(fr.NewElement(2))), r.bits(wires[1:]))
	s := overSmallField(t, r.system, 31)
	solutions := 0
	s.enumerate([]int64{0, 0, 1, 0, 0, 0}, func() { solutions++ })
	if solutions != 2 {
		t.Fatalf("%d solutions at 0, the loose gadget has 2", solutions)
	}
}

func TestAssertionHoldsExactlyForNonNegativeValuesOverAllWitnessesOfASmallField(t *testing.T) {
	for _, bounds := range [][2]int64{{-4, 7}, {-7, 4}, {-9, 1}, {-5, 0}} {
		g := newGraph()
		h := g.vector("h", 1, bounds[0], bounds[1], "")
		g.assert(h[0])
		c := g.circuit(t)
		s := overSmallField(t, c.system, 31)
		for x := bounds[0]; x <= bounds[1]; x++ {
			solutions := 0
			s.enumerate([]int64{0, 0, 1, x, 0}, func() { solutions++ })
			if want := map[bool]int{true: 1, false: 0}[x >= 0]; solutions != want {
				t.Errorf("interval %v, x = %d: %d witnesses, want %d", bounds, x, solutions, want)
			}
		}
	}
}

// signCircuit asserts nothing about x, of the interval [-2^w, 2^w - 1], but has its sign and magnitude.
func signCircuit(t *testing.T, w int) *lowering {
	g := newGraph()
	x := g.vector("x", 1, -1<<w, 1<<w-1, "")[0]
	g.sign(x)
	g.magnitude(x)
	g.assert(g.sum(-5, 1, g.denominator()))
	return lowered(t, g.model(t))
}

func publicVector(values ...int64) fr.Vector {
	v := make(fr.Vector, len(values))
	for i, x := range values {
		v[i].SetInt64(x)
	}
	return v
}

func TestSignGadgetAtItsBoundaries(t *testing.T) {
	const w = 40
	l := signCircuit(t, w)
	if len(l.decompositions) != 1 || l.decompositions[0].Bits != w {
		t.Fatalf("decompositions %v, want one of %d bits", l.decompositions, w)
	}
	const top = int64(1) << w
	for _, x := range []int64{-1, 0, 1, top - 1, -top + 1, -top} {
		wires, err := solve(l.system, publicVector(0, 0, 1, x, 0))
		if err != nil {
			t.Fatalf("x = %d: %v", x, err)
		}
		bit, magnitude := signedValue(l.forms[1].evaluate(wires)).Int64(), signedValue(l.forms[2].evaluate(wires)).Int64()
		if (bit == 1) != (x >= 0) || magnitude != max(x, -x) {
			t.Errorf("x = %d: sign %d, magnitude %d", x, bit, magnitude)
		}
	}
	// Outside the interval there is no witness: the gadget's row cannot be met with w bits.
	for _, x := range []int64{top, -top - 1} {
		if _, err := solve(l.system, publicVector(0, 0, 1, x, 0)); err == nil {
			t.Errorf("x = %d: solved, although y has more than %d bits", x, w)
		}
	}
}

// lies are what a cheating prover may answer for the sign gadget instead of the truth.
var lies = map[string]func(field *big.Int, inputs, outputs []*big.Int){
	"other bit, y for the true one": func(_ *big.Int, _, o []*big.Int) { o[0].Sub(big.NewInt(1), o[0]) },
	"other bit, y to match": func(f *big.Int, in, o []*big.Int) {
		o[0].Sub(big.NewInt(1), o[0])
		y := signed(f, in[0])
		if o[0].Sign() == 0 {
			y.Not(y)
		}
		y.Mod(y, f)
		for i := range o[1:] {
			o[1+i].SetUint64(uint64(y.Bit(i)))
		}
	},
	"other bit, y in one limb": func(f *big.Int, in, o []*big.Int) {
		o[0].Sub(big.NewInt(1), o[0])
		y := signed(f, in[0])
		if o[0].Sign() == 0 {
			y.Not(y)
		}
		o[1].Mod(y, f)
		for _, out := range o[2:] {
			out.SetUint64(0)
		}
	},
	"other bit, y zero": func(_ *big.Int, _, o []*big.Int) {
		o[0].Sub(big.NewInt(1), o[0])
		setAll(o[1:], 0)
	},
	"no bit":         func(_ *big.Int, _, o []*big.Int) { o[0].SetUint64(2) },
	"one bit less":   func(_ *big.Int, _, o []*big.Int) { o[1].Xor(o[1], big.NewInt(1)) },
	"one half a bit": func(f *big.Int, _, o []*big.Int) { o[0].Rsh(new(big.Int).Add(f, big.NewInt(1)), 1) },
}

func setAll(outputs []*big.Int, v uint64) {
	for _, o := range outputs {
		o.SetUint64(v)
	}
}

func TestLyingSignHintIsRejectedAtEveryValue(t *testing.T) {
	const w = 12
	l := signCircuit(t, w)
	for name, lie := range lies {
		for _, x := range []int64{-1, 0, 1, 5, 1<<w - 1, -1 << w} {
			liar := func(f *big.Int, in, out []*big.Int) error {
				if err := signHint(f, in, out); err != nil {
					return err
				}
				lie(f, in, out)
				return nil
			}
			w, err := witnessPublic(publicVector(0, 0, 1, x, 0))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.system.Solve(w, solver.OverrideHint(solver.GetHintID(signHint), liar)); err == nil {
				t.Errorf("%s at x = %d: accepted", name, x)
			}
		}
	}
}

func TestTierCannotBeChosenAtItsBoundary(t *testing.T) {
	// Two branches that differ at the boundary: the rate is 3 from 100 on, else 1. A free bit at 0 would buy the cheaper one.
	g := newGraph()
	q := g.vector("q", 1, 0, 1000, "")[0]
	cash := g.vector("cash", 1, 0, 1_000_000, "")[0]
	upper := g.sign(g.sum(-100, 1, q))
	rate := g.sum(1, 2, upper)
	g.assert(g.sum(0, 1, cash, -1, g.product(rate, q)))
	c := g.circuit(t)
	for _, test := range []struct {
		q, cash int64
		holds   bool
	}{{99, 99, true}, {99, 98, false}, {100, 300, true}, {100, 299, false}, {101, 303, true}, {101, 302, false}} {
		public, err := c.PublicVector([16]byte{}, 0, 1, nil, []int64{test.q, test.cash}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Solve(public); (err == nil) != test.holds {
			t.Errorf("q = %d, cash = %d: %v", test.q, test.cash, err)
		}
		if test.holds {
			continue
		}
		cheaper := func(f *big.Int, in, out []*big.Int) error {
			setAll(out, 0) // b = 0, y = 0: the loose gadget takes it at 0
			return nil
		}
		w, err := witnessPublic(public)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.system.Solve(w, solver.OverrideHint(solver.GetHintID(signHint), cheaper)); err == nil {
			t.Errorf("q = %d, cash = %d: the lie is accepted", test.q, test.cash)
		}
	}
}

func TestLyingBitsOfAnAssertionAreRejected(t *testing.T) {
	g := newGraph()
	x := g.vector("x", 1, -1000, 1000, "")[0]
	g.assert(x)
	c := g.circuit(t)
	for name, lie := range map[string]func(f *big.Int, in, out []*big.Int){
		"truncated": func(_ *big.Int, in, out []*big.Int) {
			for i := range out {
				out[i].SetUint64(uint64(in[0].Bit(i)))
			}
		},
		"one limb": func(_ *big.Int, in, out []*big.Int) { setAll(out, 0); out[0].Set(in[0]) },
		"zeros":    func(_ *big.Int, _, out []*big.Int) { setAll(out, 0) },
	} {
		liar := func(f *big.Int, in, out []*big.Int) error { lie(f, in, out); return nil }
		w, err := witnessPublic(publicVector(0, 0, 1, -1, 0))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.system.Solve(w, solver.OverrideHint(solver.GetHintID(bitsHint), liar)); err == nil {
			t.Errorf("%s: accepted for -1", name)
		}
	}
}

func TestLyingInverseIsRejectedUnlessTheValueIsZero(t *testing.T) {
	g := newGraph()
	x := g.vector("x", 1, -1000, 1000, "")[0]
	g.nonZero(x)
	g.assert(g.sum(-5, 1, g.denominator()))
	l := lowered(t, g.model(t))
	for _, test := range []struct {
		x, inverse int64
		accepted   bool
	}{{7, 0, false}, {7, 7, false}, {0, 0, true}, {0, 9, true}} {
		liar := func(_ *big.Int, _, out []*big.Int) error { out[0].SetInt64(test.inverse); return nil }
		w, err := witnessPublic(publicVector(0, 0, 1, test.x, 0))
		if err != nil {
			t.Fatal(err)
		}
		solution, err := l.system.Solve(w, solver.OverrideHint(solver.GetHintID(inverseHint), liar))
		if (err == nil) != test.accepted {
			t.Errorf("%+v: %v", test, err)
		}
		if err == nil {
			if bit := l.forms[1].evaluate(solution.(*cs.R1CSSolution).W); !bit.IsZero() {
				t.Errorf("%+v: the bit is not 0", test)
			}
		}
	}
}

func TestEveryCorruptedWireBreaksARow(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	g := portfolioGraph(6, 4, 2, 3)
	c := g.circuit(t)
	corruptEveryWire(t, r, c, func() (n, d uint64, coefficients, holdings []int64) { return solventInputs(c.model, r) })
	rounding := newGraph()
	q := rounding.vector("q", 2, -1_000_000, 1_000_000, "")
	sum := rounding.sum(0, 3, q[0], 5, q[1])
	var quotients []any
	for _, divisor := range []int64{2, 3, 10, 64, 97, 999, 1000, 65_535, 65_537, 16_000_000} {
		quotients = append(quotients, 1, rounding.roundDown(sum, big.NewInt(divisor)))
	}
	rounding.assert(rounding.sum(5_000_000, quotients...))
	c = rounding.circuit(t)
	corruptEveryWire(t, r, c, func() (n, d uint64, coefficients, holdings []int64) {
		return 0, 1, nil, []int64{boundary(r, -500_000, 1_000_000), boundary(r, -500_000, 1_000_000)}
	})
}

func corruptEveryWire(t *testing.T, r *rand.Rand, c *Circuit, inputs func() (n, d uint64, coefficients, holdings []int64)) {
	t.Helper()
	for round := range 3 {
		n, d, coefficients, holdings := inputs()
		public, err := c.PublicVector([16]byte{1}, n, d, coefficients, holdings, [32]byte{31: 1})
		if err != nil {
			t.Fatal(err)
		}
		wires, err := c.Solve(public)
		if err != nil {
			t.Fatal(err)
		}
		if row := violated(rowsOf(c.system), wires); row >= 0 {
			t.Fatalf("the honest wires break row %d", row)
		}
		rows := rowsOf(c.system)
		rowsOfWire := make([][][3]linear, len(wires))
		for _, row := range rows {
			for _, side := range row {
				for _, p := range side {
					rowsOfWire[p.wire] = append(rowsOfWire[p.wire], row)
				}
			}
		}
		var noise fr.Element
		for w := c.system.GetNbPublicVariables(); w < len(wires); w++ {
			honest := wires[w]
			noise.SetUint64(r.Uint64())
			noise.Square(&noise)
			one := fr.One()
			var negated fr.Element
			negated.Neg(&honest)
			for name, corrupted := range map[string]fr.Element{
				"plus one": *new(fr.Element).Add(&honest, &one), "minus one": *new(fr.Element).Sub(&honest, &one),
				"random": noise, "negated": negated, "one minus": *new(fr.Element).Sub(&one, &honest),
			} {
				if corrupted.Equal(&honest) {
					continue
				}
				wires[w] = corrupted
				if violated(rowsOfWire[w], wires) < 0 {
					t.Errorf("round %d: wire %d %s satisfies every row", round, w, name)
				}
			}
			wires[w] = honest
		}
	}
}

func TestOneUnitBelowTheThresholdHasNoWitnessAndExactlyAtItHas(t *testing.T) {
	g := newGraph()
	cash := g.vector("cash", 1, -1_000_000, 1_000_000, "")[0]
	q := g.vector("q", 1, -1000, 1000, "")[0]
	mark := g.tensor("mark", 1, 0, 1000)[0]
	rate := g.tensor("rate", 1, 0, 1000)[0]
	equity := g.sum(0, 100, cash, 1, g.product(mark, q))
	requirement := g.product(rate, g.magnitude(q))
	g.assert(g.sum(0, 1, g.product(g.denominator(), equity), -1, g.product(g.numerator(), requirement)))
	c := g.circuit(t)
	// 3 * (100 * cash + 70 * q) >= 2 * 90 * |q| with q = -50: cash = 65 gives 3 * 3000 = 9000 = 2 * 4500.
	for _, test := range []struct {
		n, d  uint64
		cash  int64
		holds bool
	}{{2, 3, 65, true}, {2, 3, 64, false}, {200_000, 300_000, 65, true}, {200_001, 300_000, 65, false}, {200_000, 299_999, 65, false}, {0, 1, 35, true}, {0, 1, 34, false}} {
		public, err := c.PublicVector([16]byte{}, test.n, test.d, []int64{70, 90}, []int64{test.cash, -50}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Solve(public)
		if test.holds && err != nil || !test.holds && !errors.Is(err, ErrUnsatisfied) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

func TestNoCircuitUsesGnarksCommitments(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	systems := []*cs.R1CS{portfolioGraph(8, 4, 2, 3).circuit(t).system}
	for range 50 {
		c, err := Compile(randomModel(r))
		if err != nil {
			t.Fatal(err)
		}
		systems = append(systems, c.system, lowered(t, c.model).system)
	}
	for _, s := range systems {
		if n := len(s.CommitmentInfo.CommitmentIndexes()); n != 0 {
			t.Fatalf("%d commitments", n)
		}
		if s.GetNbSecretVariables() != 0 {
			t.Fatalf("%d secret inputs", s.GetNbSecretVariables())
		}
		for id := range s.MHintsDependencies {
			if name := s.MHintsDependencies[id]; name != solver.GetHintName(signHint) && name != solver.GetHintName(bitsHint) && name != solver.GetHintName(inverseHint) && name != solver.GetHintName(quotientHint) {
				t.Fatalf("foreign hint %s", name)
			}
		}
	}
}

func TestEveryPublicInputStandsInARow(t *testing.T) {
	g := newGraph()
	h := g.vector("h", 3, -5, 5, "")
	g.tensor("unused", 2, 0, 3)
	g.assert(h[1])
	c := g.circuit(t)
	seen := map[uint32]bool{}
	for _, row := range rowsOf(c.system) {
		for _, side := range row {
			for _, p := range side {
				seen[p.wire] = true
			}
		}
	}
	for w := range c.system.GetNbPublicVariables() {
		if w > 0 && !seen[uint32(w)] {
			t.Errorf("public wire %d stands in no row: its point in the verifying key is infinite", w)
		}
	}
	if _, err := CheckKernel(c.system); err != nil {
		t.Error(err)
	}
}

func TestRowCountsAreThoseOfTheGadgets(t *testing.T) {
	// One row for context * blinding, and one for each of N, D when the model does not use them.
	for _, test := range []struct {
		name  string
		rows  int
		build func(g *graph, x, y uint32) uint32
	}{
		{"assertion of 10 bits", 11, func(g *graph, x, y uint32) uint32 { return g.sum(0, 1, x, 1, y) }},
		{"product of 19 bits", 1 + 20, func(g *graph, x, y uint32) uint32 { return g.product(x, y) }},
		{"sign: width + 2", 11 + 1 + 10, func(g *graph, x, y uint32) uint32 { return g.product(g.sign(x), y) }},
		{"maximum: one gadget", 12 + 10, func(g *graph, x, y uint32) uint32 { return g.maximum(x, y) }},
		{"nonZero", 2 + 1 + 10, func(g *graph, x, y uint32) uint32 { return g.product(g.nonZero(x), y) }},
		{"positive part free beside the sign", 11 + 1 + 11, func(g *graph, x, y uint32) uint32 {
			s := g.sign(x)
			return g.sum(0, 1, g.product(s, x), 1, g.product(s, y))
		}},
		{"maximum both ways: one gadget", 12 + 11, func(g *graph, x, y uint32) uint32 {
			return g.sum(0, 1, g.maximum(x, y), 1, g.maximum(y, x))
		}},
		// Remainder 7 bits, quotient in [-6, 5] 4 bits, 1 for x, and as 99 is 1100011 in binary one to compare the remainder; then 1 for
		// the holding that is not used, and the assertion.
		{"rounded down by 100", 7 + 4 + 1 + 1 + 1 + 4, func(g *graph, x, y uint32) uint32 { return g.roundDown(x, big.NewInt(100)) }},
		{"rounded down by 64", 6 + 4 + 1 + 1 + 4, func(g *graph, x, y uint32) uint32 { return g.roundDown(x, big.NewInt(64)) }},
		{"rounded down by 10, twice", 4 + 7 + 1 + 1 + 8, func(g *graph, x, y uint32) uint32 {
			return g.sum(0, 1, g.roundDown(x, big.NewInt(10)), 1, g.roundDown(g.sum(0, 1, x), big.NewInt(10)))
		}},
		{"dead nodes: none", 11, func(g *graph, x, y uint32) uint32 {
			g.sum(0, 1, g.product(x, y), 1, g.magnitude(x))
			return g.sum(0, 1, x, 1, y)
		}},
		{"the same product twice", 1 + 21, func(g *graph, x, y uint32) uint32 { return g.sum(0, 1, g.product(x, y), 1, g.product(y, x)) }},
	} {
		g := newGraph()
		h := g.vector("h", 2, -512, 511, "")
		g.assert(test.build(g, h[0], h[1]))
		c := g.circuit(t)
		if got, want := c.Stats().Constraints, test.rows+3; got != want {
			t.Errorf("%s: %d rows, want %d; %v", test.name, got, want, fmt.Sprint(c.Stats().Decompositions))
		}
	}
}

func TestFirstRowIsContextTimesBlinding(t *testing.T) {
	system := portfolioGraph(3, 2, 1, 2).circuit(t).system
	row := rowsOf(system)[0]
	context, blinding := wireOf(contextWire), wireOf(uint32(system.GetNbPublicVariables()-1))
	if !slices.Equal(row[0], context) || !slices.Equal(row[1], blinding) || len(row[2]) != 1 || int(row[2][0].wire) < system.GetNbPublicVariables() {
		t.Fatalf("first row %v", row)
	}
}

func TestFactorsStandWhereTheTunedProverWantsThem(t *testing.T) {
	// Bits and holdings on the right, what is public or no bit on the left, whichever way the model says it.
	for _, swapped := range []bool{false, true} {
		g := newGraph()
		q := g.vector("q", 1, -10, 10, "")[0]
		mark := g.tensor("mark", 1, 0, 9)[0]
		multiply := func(a, b uint32) uint32 {
			if swapped {
				a, b = b, a
			}
			return g.product(a, b)
		}
		value := multiply(mark, q)
		chosen := multiply(g.sign(q), value)
		g.assert(g.sum(0, 1, value, 1, chosen))
		c := g.circuit(t)
		found := 0
		for _, row := range rowsOf(c.system) {
			if len(row[2]) != 1 || len(row[0]) != 1 || len(row[1]) != 1 {
				continue
			}
			left, right, output := row[0][0].wire, row[1][0].wire, row[2][0].wire
			if output == c.forms[value][0].wire {
				found++
				if left != 4 || right != 5 {
					t.Errorf("mark * q: wire %d on the left, %d on the right", left, right)
				}
			}
			if output == c.forms[chosen][0].wire {
				found++
				if left != c.forms[value][0].wire {
					t.Errorf("value * bit: wire %d on the left, %d on the right", left, right)
				}
			}
		}
		if found != 2 {
			t.Errorf("%d product rows found, want 2", found)
		}
	}
}

// Found by the comparison with the evaluator: the assertion of a node in [lo, 0] has no bits, so no hint says that it fails.
func TestAssertionThatLeavesOnlyZeroIsUnsatisfiedBelow(t *testing.T) {
	g := newGraph()
	q := g.vector("q", 1, -5, 5, "")[0]
	g.assert(g.sum(-5, 1, q))
	c := g.circuit(t)
	for holding, want := range map[int64]error{5: nil, 4: ErrUnsatisfied, -5: ErrUnsatisfied} {
		public, err := c.PublicVector([16]byte{}, 0, 1, nil, []int64{holding}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Solve(public); !errors.Is(err, want) {
			t.Errorf("q = %d: %v", holding, err)
		}
	}
}
