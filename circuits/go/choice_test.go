package circuits

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// pairing is a small strategy margin: short contracts are covered by long ones at public costs, or stand naked at a
// higher one. cash >= sum of costs, each short is placed once, no long covers more than there is of it.
func pairing(shorts, longs int) *graph {
	g := newGraph()
	cash := g.vector("cash", 1, 0, 10_000, "")[0]
	short := g.vector("short", shorts, 0, 12, "")
	long := g.vector("long", longs, 0, 12, "")
	cost := g.tensor("cost", shorts*(longs+1), 0, 100)
	pair := g.chosen("pair", shorts*(longs+1), 12)
	terms := []any{1, cash}
	for i := range shorts {
		var placed []any
		for j := range longs + 1 {
			placed = append(placed, 1, pair[i*(longs+1)+j])
			terms = append(terms, -1, g.product(cost[i*(longs+1)+j], pair[i*(longs+1)+j]))
		}
		g.constrain(g.sum(0, append(placed, -1, short[i])...), relationZero)
	}
	for j := range longs {
		var used []any
		for i := range shorts {
			used = append(used, -1, pair[i*(longs+1)+j])
		}
		g.constrain(g.sum(0, append(used, 1, long[j])...), relationNonNegative)
	}
	g.assert(g.sum(0, terms...))
	return g
}

func (c *Circuit) solveFor(t *testing.T, coefficients, holdings, choices []int64) error {
	t.Helper()
	public, err := c.PublicVector([16]byte{1}, 1, 1, coefficients, holdings, [32]byte{31: 2})
	if err != nil {
		t.Fatal(err)
	}
	full, err := c.WithChoices(public, choices)
	if err != nil {
		return err
	}
	_, err = c.Solve(full)
	return err
}

func TestFeasibleChoiceIsProvenAndEveryOtherHasNoWitness(t *testing.T) {
	c := pairing(2, 1).circuit(t)
	if got := c.system.GetNbSecretVariables(); got != 4 {
		t.Fatalf("%d choices in the constraint system", got)
	}
	if got, want := c.system.GetNbPublicVariables()-1, 4+4+4; got != want {
		t.Fatalf("%d public inputs, want %d: choices are none", got, want)
	}
	costs, holdings := []int64{5, 50, 7, 60}, []int64{137, 3, 2, 3}
	for name, test := range map[string]struct {
		choices []int64
		proven  bool
	}{
		"the best":                    {[]int64{1, 2, 2, 0}, true}, // 5 + 100 + 14 = 119
		"another that is good enough": {[]int64{3, 0, 0, 2}, true}, // 15 + 120 = 135
		"too expensive":               {[]int64{1, 2, 0, 2}, false},
		"a short left out":            {[]int64{1, 1, 2, 0}, false},
		"a short placed twice":        {[]int64{2, 2, 1, 1}, false},
		"a long used twice":           {[]int64{3, 0, 2, 0}, false},
	} {
		err := c.solveFor(t, costs, holdings, test.choices)
		if test.proven && err != nil || !test.proven && !errors.Is(err, ErrUnsatisfied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestChoiceOutsideItsRangeIsRefusedAndHasNoWitness(t *testing.T) {
	for _, max := range []int64{1, 2, 6, 7, 9, 100, 1<<63 - 1} {
		g := newGraph()
		q := g.vector("q", 1, -1, 1, "")[0]
		x := g.chosen("x", 1, max)[0]
		g.assert(g.sum(0, 1, q, 1, x))
		c := g.circuit(t)
		for _, v := range []int64{0, 1, max} {
			if err := c.solveFor(t, nil, []int64{1}, []int64{v}); err != nil {
				t.Errorf("max %d, choice %d: %v", max, v, err)
			}
		}
		var refused *InvalidError
		for _, choices := range [][]int64{{-1}, {max + 1}, {}, {0, 0}} {
			if err := c.solveFor(t, nil, []int64{1}, choices); !errors.As(err, &refused) {
				t.Errorf("max %d, choices %v: %v", max, choices, err)
			}
		}
		// Past the check of the inputs there is no witness either.
		var beyond, below fr.Element
		beyond.SetUint64(uint64(max) + 1)
		below.SetInt64(-1)
		for _, v := range []fr.Element{beyond, below} {
			public, err := c.PublicVector([16]byte{}, 1, 1, nil, []int64{1}, [32]byte{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Solve(append(public, v)); err == nil {
				t.Errorf("max %d: solved for %s", max, v.String())
			}
		}
	}
}

// All witnesses over a small field, with all values of the choices: the accepted choices are exactly the feasible ones that
// are good enough, and each has one witness.
func TestAcceptedChoicesAreExactlyTheFeasibleOnesOverAllWitnessesOfASmallField(t *testing.T) {
	g := newGraph()
	q := g.vector("q", 2, 0, 3, "")
	x := g.chosen("x", 2, 2)
	unused := g.chosen("unused", 1, 5)
	_ = unused
	g.constrain(g.sum(0, 1, x[0], 1, x[1], -1, q[0]), relationZero)
	g.constrain(g.sum(1, -1, x[0]), relationNonNegative)
	g.assert(g.sum(0, 2, q[1], -1, x[0], -3, x[1]))
	c := g.circuit(t)
	const p = 23
	s := overSmallField(t, c.system, p)
	for a := range int64(4) {
		for b := range int64(4) {
			found := map[[2]int64]int{}
			s.enumerate([]int64{0, 0, 1, a, b, 0}, func() {
				found[[2]int64{s.assignment[s.public], s.assignment[s.public+1]}]++
			})
			for u := range int64(p) {
				for v := range int64(p) {
					feasible := u <= 2 && v <= 2 && u+v == a && u <= 1 && 2*b-u-3*v >= 0
					// The choice that nothing uses is free, and so is the wire of its row with the blinding determined.
					if want := map[bool]int{true: p}[feasible]; found[[2]int64{u, v}] != want {
						t.Errorf("q = (%d, %d): %d witnesses for (%d, %d), want %d", a, b, found[[2]int64{u, v}], u, v, want)
					}
				}
			}
		}
	}
}

func TestUnusedChoiceStandsInARowAndOutOfTheKernel(t *testing.T) {
	g := pairing(2, 2)
	g.chosen("unused", 3, 5)
	c := g.circuit(t)
	report, err := CheckKernel(c.system)
	if err != nil {
		t.Fatal(err)
	}
	if report.Dimension != 0 {
		t.Errorf("kernel of dimension %d", report.Dimension)
	}
}

func TestEqualityTakesOneRowAndAChoiceItsBitsAndOne(t *testing.T) {
	// context, N and D take a row each.
	for _, test := range []struct {
		max  int64
		rows int
	}{{1, 2}, {7, 4}, {15, 5}, {9, 5}, {99, 9}, {999_999, 26}} {
		g := newGraph()
		q := g.vector("q", 1, -1, 1, "")[0]
		x := g.chosen("x", 1, test.max)[0]
		g.constrain(g.sum(0, 1, x, -1, q), relationZero)
		g.assert(q)
		c := g.circuit(t)
		if got, want := c.Stats().Constraints, 3+2+1+test.rows; got != want {
			t.Errorf("maximum %d: %d rows, want %d", test.max, got, want)
		}
	}
}

func TestCircuitWithChoicesComputesWhatTheModelMeansNodeByNode(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	c := pairing(3, 2).circuit(t)
	m := c.model
	for range 200 {
		_, _, coefficients, holdings := randomInputs(r, m)
		choices := make([]int64, m.nChoices)
		for i := range choices {
			choices[i] = r.Int64N(m.choices[0].max + 1)
		}
		want := evaluateChoices(m, 1, 1, coefficients, holdings, choices)
		got, err := c.NodeValues(1, 1, coefficients, holdings, choices)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if got[i].Cmp(want[i]) != 0 {
				t.Fatalf("node %d: circuit %v, model %v", i, got[i], want[i])
			}
		}
	}
}

func TestProofOfAModelWithChoicesIsAcceptedAndHasTheSamePublicInputs(t *testing.T) {
	c := pairing(2, 1).circuit(t)
	k := setup(t, c.system)
	public, err := c.PublicVector([16]byte{7}, 1, 1, []int64{5, 50, 7, 60}, []int64{137, 3, 2, 3}, [32]byte{31: 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, choices := range [][]int64{{1, 2, 2, 0}, {3, 0, 0, 2}} {
		full, err := c.WithChoices(public, choices)
		if err != nil {
			t.Fatal(err)
		}
		proof := prove(t, c.system, k, full)
		if !verifies(t, k, proof, public) {
			t.Errorf("choices %v: not accepted", choices)
		}
		if len(proof.Commitments) != 0 {
			t.Errorf("choices %v: %d commitments", choices, len(proof.Commitments))
		}
	}
}
