package circuits

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// randomGraph makes a well-formed graph of about size nodes; its assertion may be refused.
func randomGraph(r *rand.Rand, size int) *graph {
	g := newGraph()
	g.attesters = 1 + r.Uint64N(3)
	width := r.IntN(20)
	g.vector("q", 1+r.IntN(3), -r.Int64N(1<<width+1), r.Int64N(1<<width+1), "")
	lo := r.Int64N(41) - 20
	g.tensor("c", 1+r.IntN(3), lo, lo+r.Int64N(1<<width+1))
	g.numerator()
	g.denominator()
	g.constant(r.Int64N(21) - 10)
	grow(r, g, size)
	return g
}

// grow adds random nodes over the existing ones until there are about size.
func grow(r *rand.Rand, g *graph, size int) {
	pick := func() uint32 {
		n := len(g.nodes)
		if r.IntN(2) == 0 {
			return uint32(n - 1 - r.IntN(min(6, n)))
		}
		return uint32(r.IntN(n))
	}
	for len(g.nodes) < size {
		switch r.IntN(11) {
		case 0, 1, 2:
			terms := []any{}
			seen := map[uint32]bool{}
			for range r.IntN(5) {
				if node := pick(); !seen[node] {
					seen[node] = true
					c := r.IntN(7) - 3
					if c == 0 {
						c = 7
					}
					terms = append(terms, c, node)
				}
			}
			g.sum(r.Int64N(11)-5, terms...)
		case 3:
			g.product(pick(), pick())
		case 4:
			x := pick()
			g.product(g.sign(x), x)
		case 5:
			g.sign(pick())
		case 6:
			g.magnitude(pick())
		case 7:
			g.nonZero(pick())
		case 8:
			g.maximum(pick(), pick())
		case 9:
			g.roundDown(pick(), big.NewInt(1+r.Int64N(1<<r.IntN(24))))
		case 10:
			// Rounded down and up, by a divisor that other nodes have too.
			x, d := pick(), big.NewInt([]int64{2, 3, 10, 100, 10_000, 1 << 10}[r.IntN(6)])
			g.roundDown(x, d)
			g.sum(0, -1, g.roundDown(g.sum(0, -1, x), d))
		}
	}
}

// randomModel retries until a model is accepted.
func randomModel(r *rand.Rand) *Model {
	for {
		g := randomGraph(r, 10+r.IntN(40))
		for range 1 + r.IntN(3) {
			g.assert(uint32(r.IntN(len(g.nodes))))
		}
		if m, err := ParseModel(g.bytes()); err == nil {
			return m
		}
	}
}

// boundary draws from [lo, hi] with a taste for its ends and the neighbourhood of zero.
func boundary(r *rand.Rand, lo, hi int64) int64 {
	switch r.IntN(4) {
	case 0:
		return lo
	case 1:
		return hi
	case 2:
		return max(lo, min(hi, r.Int64N(3)-1))
	default:
		return lo + int64(r.Uint64N(uint64(hi-lo)+1))
	}
}

func randomInputs(r *rand.Rand, m *Model) (n, d uint64, coefficients, holdings []int64) {
	n = uint64(boundary(r, 0, 1<<32-1))
	d = uint64(boundary(r, 1, 1<<32-1))
	for _, t := range m.tensors {
		for range t.length {
			coefficients = append(coefficients, boundary(r, t.min, t.max))
		}
	}
	for _, h := range m.holdings {
		for range h.length {
			holdings = append(holdings, boundary(r, h.min*m.maxAttesters, h.max*m.maxAttesters))
		}
	}
	return n, d, coefficients, holdings
}

func TestCircuitComputesWhatTheModelMeansNodeByNode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 400 {
		accepted += compareWithOracle(t, r, randomModel(r))
	}
	if accepted < 100 || accepted > 1900 {
		t.Fatalf("%d of 2000 inputs satisfy the model: not a fair sample", accepted)
	}
}

// Long sums get wires of their own, repeated nodes share theirs, and sign gadgets serve an expression and its negative: what
// compiles away must not change any value, though the copies have intervals of their own.
func TestLongRepeatedAndNegatedExpressionsKeepTheirValues(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for models := 0; models < 150; {
		g := newGraph()
		g.attesters = 1 + r.Uint64N(3)
		width := r.IntN(12)
		g.vector("q", 24, -r.Int64N(1<<width+1), r.Int64N(1<<width+1), "")
		g.tensor("c", 16, -r.Int64N(1<<width+1), r.Int64N(1<<width+1))
		for range 4 {
			x := longSum(r, g)
			copied, negative := g.node(g.nodes[x]), g.sum(0, -1, x)
			// The interval of the copy's positive part is wider when the sign is that of another copy.
			for _, node := range []uint32{x, copied, negative} {
				g.magnitude(node)
				g.product(g.sign(node), []uint32{x, copied, negative}[r.IntN(3)])
				g.maximum(node, []uint32{x, copied, negative, uint32(r.IntN(len(g.nodes)))}[r.IntN(4)])
			}
			grow(r, g, len(g.nodes)+8)
		}
		for range 3 {
			g.assert(uint32(len(g.nodes) - 1 - r.IntN(60)))
		}
		if m, err := ParseModel(g.bytes()); err == nil {
			compareWithOracle(t, r, m)
			models++
		}
	}
}

func longSum(r *rand.Rand, g *graph) uint32 {
	var terms []any
	for node := range uint32(min(len(g.nodes), 60)) {
		if r.IntN(2) == 0 {
			terms = append(terms, 1+r.IntN(3)-4*r.IntN(2), node)
		}
	}
	for i := 0; i < len(terms); i += 2 {
		if terms[i] == 0 {
			terms[i] = 1
		}
	}
	return g.sum(r.Int64N(11)-5, terms...)
}

// compareWithOracle returns how many of five random inputs satisfy the model.
func compareWithOracle(t *testing.T, r *rand.Rand, m *Model) (accepted int) {
	t.Helper()
	c, err := Compile(m)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		n, d, coefficients, holdings := randomInputs(r, m)
		want := evaluate(m, n, d, coefficients, holdings)
		got, err := c.NodeValues(n, d, coefficients, holdings, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			lo, hi := m.Interval(i)
			if want[i].Cmp(lo) < 0 || want[i].Cmp(hi) > 0 {
				t.Fatalf("node %d: %v is outside [%v, %v]", i, want[i], lo, hi)
			}
			if got[i].Cmp(want[i]) != 0 {
				t.Fatalf("node %d of kind %d: circuit %v, model %v", i, m.nodes[i].kind, got[i], want[i])
			}
		}
		public, err := c.PublicVector([16]byte{1, 2}, n, d, coefficients, holdings, [32]byte{31: 7})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Solve(public)
		if holds := assertionsHold(m, want); holds != (err == nil) {
			t.Fatalf("assertions hold: %v, circuit: %v", holds, err)
		} else if holds {
			accepted++
		}
	}
	return accepted
}

func assertionsHold(m *Model, values []*big.Int) bool {
	for _, a := range m.assertions {
		if values[a.node].Sign() < 0 {
			return false
		}
	}
	return true
}
