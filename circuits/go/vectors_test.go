package circuits

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// vectorsPath is shared with Java: models that both read, with the interval and direction that both give each node, and
// models that both refuse.
const vectorsPath = "../../docs/vectors/models.tsv"

const vectorsHeader = `# Margin models for every implementation of docs/intervals.md. One per line, fields separated by a tab:
#   accepted, the MarginModel message in hex, the layout's bytes in hex, the model digest in hex, then one field per node: lo, hi, direction (0, +, -, ?), separated by commas
#   refused, the MarginModel message in hex, why
# Written by: go test -run Vectors -update . (in circuits/go)
`

func TestModelVectorsAreReadAsWritten(t *testing.T) {
	if *update {
		if err := os.WriteFile(vectorsPath, []byte(makeVectors(t)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(vectorsPath)
	if err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	for line, text := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Split(text, "\t")
		model, err := hex.DecodeString(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		m, err := ParseModel(model)
		switch {
		case fields[0] == "refused":
			refused++
			if err == nil {
				t.Errorf("line %d: accepted, although %s", line+1, fields[2])
			}
		case err != nil:
			t.Errorf("line %d: %v", line+1, err)
		default:
			accepted++
			if got := describe(m); got != strings.Join(fields[2:], "\t") {
				t.Errorf("line %d: got\n%s\nwant\n%s", line+1, got, strings.Join(fields[2:], "\t"))
			}
		}
	}
	if accepted < 20 || refused < 20 {
		t.Errorf("%d accepted and %d refused models", accepted, refused)
	}
}

func describe(m *Model) string {
	digest := m.Digest()
	fields := []string{hex.EncodeToString(m.Layout()), hex.EncodeToString(digest[:])}
	for i, node := range m.intervals {
		fields = append(fields, fmt.Sprintf("%s,%s,%c", node.lo, node.hi, "0+-?"[m.directions[i]]))
	}
	return strings.Join(fields, "\t")
}

func makeVectors(t *testing.T) string {
	var out strings.Builder
	out.WriteString(vectorsHeader)
	accept := func(g *graph) {
		fmt.Fprintf(&out, "accepted\t%x\t%s\n", g.bytes(), describe(g.model(t)))
	}
	refuse := func(data []byte, why string) {
		if _, err := ParseModel(data); err == nil {
			t.Fatalf("accepted, although %s", why)
		}
		fmt.Fprintf(&out, "refused\t%x\t%s\n", data, why)
	}
	r := rand.New(rand.NewPCG(21, 22))
	accept(small())
	accept(portfolioGraph(2, 2, 1, 2))
	for n := 0; n < 30; {
		g := newGraph()
		g.attesters = 1 + r.Uint64N(4)
		g.vector("q", 2, -1-r.Int64N(1<<r.IntN(40)), r.Int64N(1<<r.IntN(40)), "")
		g.vector("m", 2, 0, 1+r.Int64N(1<<r.IntN(40)), "q")
		lo := r.Int64N(41) - 20
		g.tensor("c", 2, lo, lo+r.Int64N(1<<20))
		g.numerator()
		g.denominator()
		g.constant(r.Int64N(21) - 10)
		grow(r, g, 25)
		g.assert(uint32(len(g.nodes) - 1))
		if _, err := ParseModel(g.bytes()); err == nil {
			accept(g)
			n++
		}
	}
	almost := new(big.Int).Sub(power(250), one)
	changed := func(why string, change func(g *graph)) {
		g := small()
		change(g)
		refuse(g.bytes(), why)
	}
	limits := small()
	limits.bigConstant(almost)
	limits.sum(0, -1, limits.bigConstant(almost))
	limits.product(limits.bigConstant(power(124)), limits.bigConstant(power(125)))
	accept(limits)
	rounded, x, gross := magnitudeGraph()
	last := uint32(0)
	for _, divisor := range []*big.Int{one, big.NewInt(2), big.NewInt(3), big.NewInt(1_000_000), almost} {
		rounded.roundDown(x, divisor)
		rounded.roundDown(gross, divisor)
		last = rounded.roundDown(rounded.sum(-1, 1, x, -2, gross), divisor)
	}
	rounded.assert(last)
	accept(rounded)
	accept(pairing(3, 2))
	refuse(nil, "there is nothing")
	refuse(encoder(small().bytes()).number(11, 1), "a field is unknown")
	refuse(encoder(small().bytes()).number(3, 1), "a singular field stands twice")
	refuse(append(encoder{}.message(1, nil), small().bytes()[6:]...), "a default value is written out")
	refuse(append(append([]byte{}, small().bytes()[:6]...), append([]byte{0x18, 0x81, 0x00}, small().bytes()[8:]...)...), "a varint is not minimal")
	refuse(append(encoder{}.text(1, "a\nb"), small().bytes()[6:]...), "a name has a control character")
	refuse(append(encoder{}.text(1, "caf\u00e9"), small().bytes()[6:]...), "a name is not ASCII")
	changed("a vector of two has no axis", func(g *graph) {
		g.holdings = append(g.holdings, encoder{}.text(1, "q").number(3, 2))
	})
	changed("a dimension has no axis", func(g *graph) {
		g.tensors = append(g.tensors, encoder{}.text(1, "c").message(2, encoder{}.number(2, 1)))
	})
	changed("there are no attesters", func(g *graph) { g.attesters = 0 })
	changed("there are more than 64 attesters", func(g *graph) { g.attesters = 65 })
	changed("there is no assertion", func(g *graph) { g.asserted = nil })
	changed("an assertion names a missing node", func(g *graph) { g.assert(1) })
	changed("an assertion can never hold", func(g *graph) { g.assert(g.constant(-1)) })
	changed("two assertions have one name", func(g *graph) { g.asserted = append(g.asserted, g.asserted[0]) })
	changed("two inputs have one name", func(g *graph) { g.vector("cash", 1, 0, 1, "") })
	changed("a holding's interval lacks 0", func(g *graph) { g.vector("q", 1, 1, 2, "") })
	changed("J times a bound exceeds 64 bits", func(g *graph) { g.attesters = 2; g.vector("q", 1, 0, 1<<62, "") })
	changed("a tensor's interval is empty", func(g *graph) { g.tensor("c", 1, 1, 0) })
	changed("a magnitude's base is missing", func(g *graph) { g.vector("m", 1, 0, 1, "q") })
	changed("a magnitude can be negative", func(g *graph) { g.vector("q", 1, -1, 1, ""); g.vector("m", 1, -1, 1, "q") })
	changed("a magnitude is one of a magnitude", func(g *graph) { g.vector("q", 1, -1, 1, ""); g.vector("m", 1, 0, 1, "q"); g.vector("n", 1, 0, 1, "m") })
	changed("a magnitude has another length", func(g *graph) { g.vector("q", 2, -1, 1, ""); g.vector("m", 1, 0, 1, "q") })
	changed("a node refers to itself", func(g *graph) { g.sign(1) })
	changed("a node has no kind", func(g *graph) { g.node(nil) })
	changed("a threshold part is unspecified", func(g *graph) { g.node(encoder{}.chosen(4, 0)) })
	changed("a constant is not minimal", func(g *graph) { g.node(encoder{}.message(1, []byte{0, 1})) })
	changed("a constant reaches 2^250", func(g *graph) { g.bigConstant(power(250)) })
	changed("a coefficient of a sum is 0", func(g *graph) { g.sum(0, 0, uint32(0)) })
	changed("a node stands twice in a sum", func(g *graph) { g.sum(0, 1, uint32(0), 2, uint32(0)) })
	changed("a sum has no constant", func(g *graph) { g.node(encoder{}.message(5, nil)) })
	changed("a sum reaches 2^250", func(g *graph) { g.sum(1, 1, g.bigConstant(almost)) })
	changed("a product reaches 2^250", func(g *graph) { g.product(g.bigConstant(power(125)), g.bigConstant(power(125))) })
	changed("the difference in a maximum reaches 2^250", func(g *graph) { g.maximum(0, g.sum(0, -1, g.bigConstant(almost))) })
	relation := func(why string, relate func(g *graph, c, q, m uint32)) {
		g, q, m := magnitudeGraph()
		c := g.chosen("c", 1, 9)[0]
		g.assert(g.sum(0, 1, q, -1, c))
		relate(g, c, q, m)
		refuse(g.bytes(), why)
	}
	changed("a choice is not declared", func(g *graph) { g.choice(0) })
	relation("a choice is beyond the declared ones", func(g *graph, c, q, m uint32) { g.choice(1) })
	relation("a choice's maximum is 0", func(g *graph, c, q, m uint32) { g.chosen("d", 1, 0) })
	relation("a choice's maximum is negative", func(g *graph, c, q, m uint32) { g.chosen("d", 1, -1) })
	relation("nothing says why a choice is a bound", func(g *graph, c, q, m uint32) {
		g.choices = append(g.choices, encoder{}.text(1, "d").sint(4, 5))
	})
	relation("a choice has an input's name", func(g *graph, c, q, m uint32) { g.chosen("q", 1, 5) })
	relation("a choice feeds a sign", func(g *graph, c, q, m uint32) { g.sign(c) })
	relation("a choice feeds a magnitude", func(g *graph, c, q, m uint32) { g.magnitude(g.sum(-5, 1, c)) })
	relation("a choice feeds a nonZero", func(g *graph, c, q, m uint32) { g.nonZero(c) })
	relation("a choice feeds a maximum on the left", func(g *graph, c, q, m uint32) { g.maximum(c, q) })
	relation("a choice feeds a maximum on the right", func(g *graph, c, q, m uint32) { g.maximum(q, c) })
	relation("a choice feeds a roundDown", func(g *graph, c, q, m uint32) { g.roundDown(c, big.NewInt(3)) })
	relation("a choice is squared", func(g *graph, c, q, m uint32) { g.product(c, c) })
	relation("two choices are multiplied", func(g *graph, c, q, m uint32) { g.product(c, g.product(q, c)) })
	relation("a constraint depends on no choice", func(g *graph, c, q, m uint32) { g.constrain(q, relationZero) })
	relation("a constraint can never hold", func(g *graph, c, q, m uint32) { g.constrain(g.sum(-1, -1, c), relationNonNegative) })
	relation("an equality can never hold", func(g *graph, c, q, m uint32) { g.constrain(g.sum(1, 1, c), relationZero) })
	relation("a constraint has no relation", func(g *graph, c, q, m uint32) { g.constrain(c, 0) })
	relation("a constraint has an unknown relation", func(g *graph, c, q, m uint32) { g.constrain(c, 3) })
	relation("a constraint names a missing node", func(g *graph, c, q, m uint32) { g.constrain(1000, relationZero) })
	relation("a constraint has an assertion's name", func(g *graph, c, q, m uint32) {
		g.constraints = append(g.constraints, encoder{}.text(1, "assertion[0]").number(2, uint64(c)).number(3, 1))
	})
	relation("a magnitude makes more choices feasible", func(g *graph, c, q, m uint32) {
		g.constrain(g.sum(0, 1, m, -1, c), relationNonNegative)
	})
	relation("a magnitude stands in an equality", func(g *graph, c, q, m uint32) { g.constrain(g.sum(0, -1, m, 1, c), relationZero) })
	changed("a divisor is 0", func(g *graph) { g.roundDown(0, new(big.Int)) })
	changed("a divisor is negative", func(g *graph) { g.roundDown(0, big.NewInt(-2)) })
	changed("a divisor is missing", func(g *graph) { g.node(encoder{}.message(11, encoder{}.number(1, 1))) })
	changed("a divisor reaches 2^250", func(g *graph) { g.roundDown(0, power(250)) })
	changed("a node that is rounded down is no earlier one", func(g *graph) { g.roundDown(1, one) })
	g := newGraph()
	g.assert(g.vector("x", 1, 0, 5, "")[0])
	refuse(g.bytes(), "no assertion can fail")
	g, q, m := magnitudeGraph()
	g.assert(g.sum(0, 1, q, 1, m))
	refuse(g.bytes(), "a magnitude helps")
	g, q, m = magnitudeGraph()
	g.assert(g.sum(0, 1, q, -1, g.product(m, q)))
	refuse(g.bytes(), "a magnitude could help by the sign of a holding")
	return out.String()
}
