package circuits

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/witness"
	"google.golang.org/protobuf/encoding/protowire"
)

// graph writes MarginModel bytes for tests.
type graph struct {
	holdings, tensors, asserted, outputs [][]byte
	nodes, choices, constraints          [][]byte
	attesters                            uint64
	nHoldings, nCoefs, nChoices          int
}

func newGraph() *graph { return &graph{attesters: 1} }

type encoder []byte

func (e encoder) number(field protowire.Number, v uint64) encoder {
	if v == 0 {
		return e
	}
	return e.chosen(field, v)
}

func (e encoder) chosen(field protowire.Number, v uint64) encoder {
	return protowire.AppendVarint(protowire.AppendTag(e, field, protowire.VarintType), v)
}

func (e encoder) sint(field protowire.Number, v int64) encoder {
	return e.number(field, protowire.EncodeZigZag(v))
}

func (e encoder) message(field protowire.Number, data []byte) encoder {
	return protowire.AppendBytes(protowire.AppendTag(e, field, protowire.BytesType), data)
}

func (e encoder) text(field protowire.Number, s string) encoder {
	if s == "" {
		return e
	}
	return e.message(field, []byte(s))
}

// minimal is big-endian two's complement.
func minimal(v *big.Int) []byte {
	for n := 1; ; n++ {
		bound := new(big.Int).Lsh(big.NewInt(1), uint(8*n-1))
		if v.Cmp(bound) < 0 && v.Cmp(new(big.Int).Neg(bound)) >= 0 {
			w := new(big.Int).Set(v)
			if v.Sign() < 0 {
				w.Add(w, new(big.Int).Lsh(bound, 1))
			}
			return w.FillBytes(make([]byte, n))
		}
	}
}

// vector declares holdings and gives a node for each.
func (g *graph) vector(name string, length int, min, max int64, magnitudeOf string) []uint32 {
	var e encoder
	g.holdings = append(g.holdings, e.text(1, name).text(2, "instrument").number(3, uint64(length)).number(4, 2).sint(5, min).sint(6, max).text(7, magnitudeOf))
	nodes := make([]uint32, length)
	for i := range nodes {
		nodes[i] = g.node(encoder{}.chosen(2, uint64(g.nHoldings)))
		g.nHoldings++
	}
	return nodes
}

// tensor declares coefficients and gives a node for each.
func (g *graph) tensor(name string, length int, min, max int64) []uint32 {
	var e encoder
	d := encoder{}.text(1, "instrument").number(2, uint64(length))
	g.tensors = append(g.tensors, e.text(1, name).message(2, d).number(3, 2).sint(4, min).sint(5, max))
	nodes := make([]uint32, length)
	for i := range nodes {
		nodes[i] = g.node(encoder{}.chosen(3, uint64(g.nCoefs)))
		g.nCoefs++
	}
	return nodes
}

// chosen declares choices and gives a node for each.
func (g *graph) chosen(name string, length int, max int64) []uint32 {
	d := encoder{}.text(1, name+" axis").number(2, uint64(length))
	g.choices = append(g.choices, encoder{}.text(1, name).message(2, d).number(3, 2).sint(4, max).text(5, "any pick is a bound"))
	nodes := make([]uint32, length)
	for i := range nodes {
		nodes[i] = g.choice(uint64(g.nChoices))
		g.nChoices++
	}
	return nodes
}

func (g *graph) choice(index uint64) uint32 { return g.node(encoder{}.chosen(12, index)) }

func (g *graph) constrain(node uint32, relation uint64) {
	name := indexed("constraint", len(g.constraints))
	g.constraints = append(g.constraints, encoder{}.text(1, name).number(2, uint64(node)).number(3, relation))
}

func (g *graph) node(data encoder) uint32 {
	g.nodes = append(g.nodes, data)
	return uint32(len(g.nodes) - 1)
}

func (g *graph) constant(v int64) uint32 { return g.bigConstant(big.NewInt(v)) }

func (g *graph) bigConstant(v *big.Int) uint32 { return g.node(encoder{}.message(1, minimal(v))) }

func (g *graph) numerator() uint32   { return g.node(encoder{}.chosen(4, 1)) }
func (g *graph) denominator() uint32 { return g.node(encoder{}.chosen(4, 2)) }

// sum takes coefficient, node, coefficient, node and so on.
func (g *graph) sum(constant int64, terms ...any) uint32 {
	var e encoder
	for i := 0; i < len(terms); i += 2 {
		var c *big.Int
		switch v := terms[i].(type) {
		case int:
			c = big.NewInt(int64(v))
		case *big.Int:
			c = v
		}
		e = e.message(1, encoder{}.number(1, uint64(terms[i+1].(uint32))).message(2, minimal(c)))
	}
	return g.node(encoder{}.message(5, e.message(2, minimal(big.NewInt(constant)))))
}

func pair(a, b uint32) encoder { return encoder{}.number(1, uint64(a)).number(2, uint64(b)) }

func (g *graph) product(a, b uint32) uint32 { return g.node(encoder{}.message(6, pair(a, b))) }
func (g *graph) sign(a uint32) uint32       { return g.node(encoder{}.chosen(7, uint64(a))) }
func (g *graph) magnitude(a uint32) uint32  { return g.node(encoder{}.chosen(8, uint64(a))) }
func (g *graph) nonZero(a uint32) uint32    { return g.node(encoder{}.chosen(9, uint64(a))) }
func (g *graph) maximum(a, b uint32) uint32 { return g.node(encoder{}.message(10, pair(a, b))) }
func (g *graph) roundDown(a uint32, divisor *big.Int) uint32 {
	return g.node(encoder{}.message(11, encoder{}.number(1, uint64(a)).message(2, minimal(divisor))))
}

func (g *graph) assert(node uint32) {
	name := indexed("assertion", len(g.asserted))
	g.asserted = append(g.asserted, encoder{}.text(1, name).number(2, uint64(node)))
}

func (g *graph) bytes() []byte {
	var e encoder
	e = e.text(1, "test").number(3, g.attesters)
	for field, list := range [][][]byte{g.holdings, g.tensors, g.nodes, g.asserted, g.outputs, g.choices, g.constraints} {
		for _, data := range list {
			e = e.message(protowire.Number(4+field), data)
		}
	}
	return e
}

func (g *graph) model(t testing.TB) *Model {
	t.Helper()
	m, err := ParseModel(g.bytes())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (g *graph) circuit(t testing.TB) *Circuit {
	t.Helper()
	c, err := Compile(g.model(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func lowered(t testing.TB, m *Model) *lowering {
	t.Helper()
	l, err := lower(m, true)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// witnessPublic is the witness of a circuit without choices.
func witnessPublic(v fr.Vector) (witness.Witness, error) { return witnessOf(v, len(v)) }
