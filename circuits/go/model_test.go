package circuits

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"google.golang.org/protobuf/encoding/protowire"
)

func power(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

// small is a well-formed graph: cash >= 0. Node 0 is cash.
func small() *graph {
	g := newGraph()
	g.assert(g.vector("cash", 1, -100, 100, "")[0])
	return g
}

// refused parses bytes that must be refused with an error that names all of the parts.
func refused(t *testing.T, data []byte, parts ...string) {
	t.Helper()
	_, err := ParseModel(data)
	if err == nil {
		t.Errorf("accepted; want an error with %q", parts)
		return
	}
	var invalidError *InvalidError
	if !errors.As(err, &invalidError) {
		t.Errorf("%v is no InvalidError", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %q", err, part)
		}
	}
}

func TestBuilderOfTheTestsMakesAcceptedModels(t *testing.T) {
	m := small().model(t)
	if m.Name() != "test" || m.Holdings() != 1 || m.Coefficients() != 0 || m.Nodes() != 1 {
		t.Errorf("%q, %d holdings, %d coefficients, %d nodes", m.Name(), m.Holdings(), m.Coefficients(), m.Nodes())
	}
}

func TestIllFormedModelIsRefusedNamingFieldValueAndLimit(t *testing.T) {
	holding := func(e encoder) []byte { g := small(); g.holdings = append(g.holdings, e); return g.bytes() }
	tensor := func(e encoder) []byte { g := small(); g.tensors = append(g.tensors, e); return g.bytes() }
	node := func(e encoder) []byte { g := small(); g.node(e); return g.bytes() }
	sum := func(terms ...encoder) []byte {
		var e encoder
		for _, term := range terms {
			e = e.message(1, term)
		}
		return node(encoder{}.message(5, e.message(2, []byte{0})))
	}
	vector := func(name string, length uint64, min, max int64) encoder {
		return encoder{}.text(1, name).text(2, "i").number(3, length).sint(5, min).sint(6, max)
	}
	dimension := func(length uint64) encoder { return encoder{}.text(1, "i").number(2, length) }
	changed := func(change func(g *graph)) []byte { g := small(); change(g); return g.bytes() }
	attesters := func(n uint64) []byte { return changed(func(g *graph) { g.attesters = n }) }

	for _, test := range []struct {
		name  string
		data  []byte
		parts []string
	}{
		{"nothing", nil, []string{"name", "missing"}},
		{"garbage", []byte{0xff, 0xff, 0xff}, []string{"malformed"}},
		{"truncated", small().bytes()[:20], []string{"truncated"}},
		{"unknown field", encoder(small().bytes()).number(11, 1), []string{"unknown field 11"}},
		{"field zero", append([]byte{0x02, 0x00}, small().bytes()...), []string{"malformed"}},
		{"repeated singular field", append(encoder{}.text(1, "a"), small().bytes()...), []string{"name", "twice"}},
		{"fields out of order", encoder(small().bytes()).number(3, 1), []string{"max_attesters", "after"}},
		{"default written out", append(encoder{}.message(1, nil), small().bytes()[6:]...), []string{"name", "left out"}},
		{"zero written out", holding(encoder{}.text(1, "q").number(3, 1).chosen(4, 0)), []string{"holdings[1].scale", "left out"}},
		{"varint too long", append(append([]byte{}, small().bytes()[:6]...), append([]byte{0x18, 0x81, 0x00}, small().bytes()[8:]...)...), []string{"max_attesters", "minimally"}},
		{"length too long", append([]byte{0x0a, 0x84, 0x00}, small().bytes()[2:]...), []string{"name", "minimally"}},
		{"tag too long", append([]byte{0x8a, 0x00}, small().bytes()[1:]...), []string{"not minimal"}},
		{"wrong wire type", append(encoder{}.number(1, 5), small().bytes()[6:]...), []string{"name", "wire type"}},
		{"name of control characters", append(encoder{}.text(1, "a\nb"), small().bytes()[6:]...), []string{"name", "0xa"}},
		{"name not ASCII", append(encoder{}.text(1, "é"), small().bytes()[6:]...), []string{"name", "0xc3"}},
		{"name too long", append(encoder{}.text(1, strings.Repeat("a", 257)), small().bytes()[6:]...), []string{"name", "257", "256"}},
		{"no attesters", attesters(0), []string{"max_attesters", "1 to 64"}},
		{"too many attesters", attesters(65), []string{"max_attesters", "65", "64"}},
		{"no holdings", changed(func(g *graph) { g.holdings = nil; g.nodes[0] = encoder{}.chosen(4, 1) }), []string{"holdings"}},
		{"no assertion", changed(func(g *graph) { g.asserted = nil }), []string{"assertions", "at least one"}},
		{"assertion of a missing node", changed(func(g *graph) { g.assert(1) }), []string{"assertions[1].node", "1"}},
		{"two assertions of one name", changed(func(g *graph) { g.asserted = append(g.asserted, g.asserted[0]) }), []string{"assertions[1].name", "twice"}},
		{"assertion with a scale", changed(func(g *graph) { g.asserted[0] = encoder(g.asserted[0]).number(3, 1) }), []string{"assertions[0]", "unknown field 3"}},
		{"two outputs of one name", changed(func(g *graph) { g.outputs = [][]byte{g.asserted[0], g.asserted[0]} }), []string{"outputs[1].name", "twice"}},
		{"output of a missing node", changed(func(g *graph) { g.outputs = [][]byte{encoder{}.text(1, "o").number(2, 7)} }), []string{"outputs[0].node", "7"}},
		{"output without name", changed(func(g *graph) { g.outputs = [][]byte{encoder{}.number(3, 7)} }), []string{"outputs[0].name", "missing"}},
		{"two inputs of one name", holding(vector("cash", 1, 0, 1)), []string{"holdings[1].name", "cash", "twice"}},
		{"holding and coefficient of one name", tensor(encoder{}.text(1, "cash")), []string{"round[0].name", "cash", "twice"}},
		{"holding without name", holding(vector("", 1, 0, 1)), []string{"holdings[1].name", "missing"}},
		{"holding without length", holding(vector("q", 0, 0, 1)), []string{"holdings[1].length", "at least 1"}},
		{"too many holdings in one vector", holding(vector("q", 1<<16+1, 0, 1)), []string{"holdings[1].length", "65537", "65536"}},
		{"too many holdings together", holding(vector("q", 1<<16, 0, 1)), []string{"holdings[1].length", "65537", "65536"}},
		{"length of 64 bits", holding(vector("q", math.MaxUint64, 0, 1)), []string{"holdings[1].length"}},
		{"scale too large", holding(encoder{}.text(1, "q").number(3, 1).number(4, 37)), []string{"holdings[1].scale", "37", "36"}},
		{"unlabelled vector", holding(encoder{}.text(1, "q").number(3, 2)), []string{"holdings[1].axis", "2"}},
		{"holding without 0, above", holding(vector("q", 1, 1, 5)), []string{"holdings[1]", "[1, 5]", "contain 0"}},
		{"holding without 0, below", holding(vector("q", 1, -5, -1)), []string{"holdings[1]", "[-5, -1]", "contain 0"}},
		{"tensor upside down", tensor(encoder{}.text(1, "c").sint(4, 5).sint(5, 4)), []string{"round[0]", "[5, 4]", "empty"}},
		{"too many coefficients", tensor(encoder{}.text(1, "c").message(2, dimension(1<<20+1))), []string{"round[0].dimensions[0].length", "1048577", "1048576"}},
		{"too many coefficients by product", tensor(encoder{}.text(1, "c").message(2, dimension(1<<11)).message(2, dimension(1<<10))), []string{"round[0].dimensions[1]", "2097152", "1048576"}},
		{"dimension without length", tensor(encoder{}.text(1, "c").message(2, dimension(0))), []string{"round[0].dimensions[0].length"}},
		{"dimension without name", tensor(encoder{}.text(1, "c").message(2, encoder{}.number(2, 1))), []string{"round[0].dimensions[0].axis"}},
		{"too many dimensions", tensor(encoder(slices.Concat(slices.Repeat([][]byte{encoder{}.message(2, dimension(1))}, 9)...))), []string{"round[0].dimensions[8]", "8"}},
		{"node without kind", node(nil), []string{"nodes[1]", "no kind"}},
		{"node of two kinds", node(encoder{}.chosen(2, 0).chosen(7, 0)), []string{"nodes[1]", "two kinds"}},
		{"holding out of range", node(encoder{}.chosen(2, 1)), []string{"nodes[1].holding", "1"}},
		{"coefficient out of range", node(encoder{}.chosen(3, 0)), []string{"nodes[1].coefficient", "0"}},
		{"threshold unspecified", node(encoder{}.chosen(4, 0)), []string{"nodes[1].threshold", "0"}},
		{"threshold unknown", node(encoder{}.chosen(4, 3)), []string{"nodes[1].threshold", "3"}},
		{"sign of itself", node(encoder{}.chosen(7, 1)), []string{"nodes[1].sign", "1"}},
		{"magnitude of a later node", node(encoder{}.chosen(8, 2)), []string{"nodes[1].magnitude", "2"}},
		{"nonZero of a node beyond 32 bits", node(encoder{}.chosen(9, 1<<32)), []string{"nodes[1].non_zero", "4294967296"}},
		{"product with itself", node(encoder{}.message(6, pair(1, 0))), []string{"nodes[1].product.left", "1"}},
		{"product with a later node", node(encoder{}.message(6, pair(0, 9))), []string{"nodes[1].product.right", "9"}},
		{"maximum with itself", node(encoder{}.message(10, pair(0, 1))), []string{"nodes[1].maximum.right", "1"}},
		{"product as the first node", changed(func(g *graph) { g.nodes[0] = encoder{}.message(6, nil) }), []string{"nodes[0].product"}},
		{"sum as the first node with a term", changed(func(g *graph) {
			g.nodes[0] = encoder{}.message(5, encoder{}.message(1, encoder{}.message(2, []byte{1})).message(2, []byte{0}))
		}), []string{"nodes[0].sum.terms[0]"}},
		{"constant empty", node(encoder{}.message(1, nil)), []string{"nodes[1].constant", "1 to 32 bytes"}},
		{"constant of 33 bytes", node(encoder{}.message(1, make([]byte, 33))), []string{"nodes[1].constant", "33"}},
		{"constant not minimal", node(encoder{}.message(1, []byte{0, 5})), []string{"nodes[1].constant", "minimal"}},
		{"negative constant not minimal", node(encoder{}.message(1, []byte{0xff, 0xff})), []string{"nodes[1].constant", "minimal"}},
		{"constant of 2^250", node(encoder{}.message(1, minimal(power(250)))), []string{"nodes[1].constant", "2^250"}},
		{"constant of -2^250", node(encoder{}.message(1, minimal(new(big.Int).Neg(power(250))))), []string{"nodes[1].constant", "2^250"}},
		{"sum without constant", node(encoder{}.message(5, nil)), []string{"nodes[1].sum.constant", "missing"}},
		{"term without coefficient", sum(encoder{}), []string{"nodes[1].sum.terms[0].coefficient", "missing"}},
		{"term with coefficient 0", sum(encoder{}.message(2, []byte{0})), []string{"nodes[1].sum.terms[0].coefficient", "zero"}},
		{"term of a later node", sum(encoder{}.number(1, 1).message(2, []byte{1})), []string{"nodes[1].sum.terms[0].node", "1"}},
		{"node twice in a sum", sum(encoder{}.message(2, []byte{1}), encoder{}.message(2, []byte{2})), []string{"nodes[1].sum.terms[1].node", "twice"}},
		{"model too long", make([]byte, 1<<26+1), []string{"model", "16777216"}},
	} {
		t.Run(test.name, func(t *testing.T) { refused(t, test.data, test.parts...) })
	}
}

func TestMagnitudeVectorMustMatchItsBase(t *testing.T) {
	for _, test := range []struct {
		name   string
		vector encoder
		parts  []string
	}{
		{"unknown base", encoder{}.text(1, "m").text(2, "instrument").number(3, 2).number(4, 2).sint(6, 9).text(7, "nothing"), []string{"magnitude_of", "nothing"}},
		{"itself", encoder{}.text(1, "m").text(2, "instrument").number(3, 2).number(4, 2).sint(6, 9).text(7, "m"), []string{"magnitude_of", `"m"`}},
		{"of a magnitude", encoder{}.text(1, "m").text(2, "instrument").number(3, 2).number(4, 2).sint(6, 9).text(7, "gross"), []string{"magnitude_of", "itself a magnitude"}},
		{"other length", encoder{}.text(1, "m").text(2, "instrument").number(3, 3).number(4, 2).sint(6, 9).text(7, "q"), []string{"magnitude_of", "length 2", "3"}},
		{"other scale", encoder{}.text(1, "m").text(2, "instrument").number(3, 2).number(4, 3).sint(6, 9).text(7, "q"), []string{"magnitude_of", "scale 2", "3"}},
		{"other axis", encoder{}.text(1, "m").text(2, "other").number(3, 2).number(4, 2).sint(6, 9).text(7, "q"), []string{"magnitude_of", "instrument", "other"}},
		{"negative magnitudes", encoder{}.text(1, "m").text(2, "instrument").number(3, 2).number(4, 2).sint(5, -1).sint(6, 9).text(7, "q"), []string{"min", "-1"}},
	} {
		g := small()
		g.vector("q", 2, -5, 5, "")
		g.vector("gross", 2, 0, 5, "q")
		g.model(t)
		g.holdings = append(g.holdings, test.vector)
		t.Run(test.name, func(t *testing.T) { refused(t, g.bytes(), test.parts...) })
	}
}

func TestAttestersTimesBoundMustFitSixtyFourBits(t *testing.T) {
	for _, test := range []struct {
		attesters uint64
		min, max  int64
		accepted  bool
	}{
		{1, math.MinInt64, math.MaxInt64, true},
		{2, math.MinInt64 / 2, math.MaxInt64 / 2, true},
		{2, math.MinInt64/2 - 1, 0, false},
		{2, -1, math.MaxInt64/2 + 1, false},
		{64, math.MinInt64 / 64, math.MaxInt64 / 64, true},
		{64, -1, math.MaxInt64/64 + 1, false},
	} {
		g := newGraph()
		g.attesters = test.attesters
		g.assert(g.vector("q", 1, test.min, test.max, "")[0])
		if test.accepted {
			lo, hi := g.model(t).Interval(0)
			j := big.NewInt(int64(test.attesters))
			if lo.Cmp(new(big.Int).Mul(j, big.NewInt(test.min))) != 0 || hi.Cmp(new(big.Int).Mul(j, big.NewInt(test.max))) != 0 {
				t.Errorf("%+v: interval [%v, %v]", test, lo, hi)
			}
		} else {
			refused(t, g.bytes(), "holdings[0]", "64 bits")
		}
	}
}

func TestNodeMayReachTwoToThe250MinusOneButNotMore(t *testing.T) {
	almost := new(big.Int).Sub(power(250), one)
	for name, test := range map[string]struct {
		build    func(g *graph, x uint32)
		accepted bool
	}{
		"constant at the limit - 1":       {func(g *graph, _ uint32) { g.bigConstant(almost) }, true},
		"sum at the limit - 1":            {func(g *graph, x uint32) { g.sum(0, 1, g.bigConstant(new(big.Int).Sub(almost, one)), 1, x) }, true},
		"sum at the limit":                {func(g *graph, x uint32) { g.sum(1, 1, g.bigConstant(new(big.Int).Sub(almost, one)), 1, x) }, false},
		"negative sum at the limit - 1":   {func(g *graph, x uint32) { g.sum(1, -1, g.bigConstant(almost), 1, x) }, true},
		"negative sum at the limit":       {func(g *graph, x uint32) { g.sum(0, -1, g.bigConstant(almost), 1, x) }, false},
		"sum beyond the limit":            {func(g *graph, x uint32) { g.sum(2, 1, g.bigConstant(almost)) }, false},
		"product below the limit":         {func(g *graph, _ uint32) { g.product(g.bigConstant(power(124)), g.bigConstant(power(125))) }, true},
		"product at the limit":            {func(g *graph, _ uint32) { g.product(g.bigConstant(power(125)), g.bigConstant(power(125))) }, false},
		"difference in a maximum, at it":  {func(g *graph, x uint32) { g.maximum(x, g.sum(0, -1, g.bigConstant(almost))) }, false},
		"difference in a maximum, fits":   {func(g *graph, x uint32) { g.maximum(x, g.sum(2, -1, g.bigConstant(almost))) }, true},
		"sum in a maximum, at the limit":  {func(g *graph, x uint32) { g.maximum(x, g.bigConstant(almost)) }, false},
		"sum in a maximum, just below it": {func(g *graph, x uint32) { g.maximum(x, g.bigConstant(new(big.Int).Sub(almost, one))) }, true},
	} {
		g := newGraph()
		x := g.vector("x", 1, -1, 1, "")[0]
		g.assert(x)
		test.build(g, x)
		if _, err := ParseModel(g.bytes()); test.accepted && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !test.accepted {
			refused(t, g.bytes(), "nodes[", "2^250")
		}
	}
}

func TestWidestGadgetsStillCompute(t *testing.T) {
	// x of up to 2^250 - 1 in size by products of constants with a holding.
	g := newGraph()
	x := g.vector("x", 1, -1, 1, "")[0]
	wide := g.sum(0, new(big.Int).Sub(power(250), one), x)
	g.sign(wide)
	g.magnitude(wide)
	g.product(g.nonZero(wide), wide)
	g.maximum(wide, g.constant(0))
	g.assert(wide)
	c := g.circuit(t)
	for _, v := range []int64{-1, 0, 1} {
		got, err := c.NodeValues(0, 1, nil, []int64{v}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range evaluate(c.model, 0, 1, nil, []int64{v}) {
			if got[i].Cmp(want) != 0 {
				t.Errorf("x = %d, node %d: %v, want %v", v, i, got[i], want)
			}
		}
	}
}

func TestIntervalRules(t *testing.T) {
	g := newGraph()
	g.attesters = 3
	x := g.vector("x", 1, -4, 5, "")[0] // [-12, 15]
	p := g.vector("p", 1, 0, 2, "")[0]  // [0, 6]
	z := g.vector("z", 1, 0, 0, "")[0]  // 0
	m := g.vector("m", 1, -7, 0, "")[0] // [-21, 0]
	c := g.tensor("c", 1, -3, -2)[0]    // [-3, -2]
	wanted := map[uint32][2]int64{x: {-12, 15}, p: {0, 6}, z: {0, 0}, m: {-21, 0}, c: {-3, -2}}
	want := func(node uint32, lo, hi int64) uint32 { wanted[node] = [2]int64{lo, hi}; return node }
	want(g.constant(-7), -7, -7)
	want(g.numerator(), 0, 1<<32-1)
	want(g.denominator(), 1, 1<<32-1)
	want(g.sum(4), 4, 4)
	want(g.sum(1, 2, x, -3, p), -24-18+1, 30+1)
	want(g.product(x, x), 0, 225)
	want(g.product(c, c), 4, 9)
	want(g.product(p, p), 0, 36)
	want(g.product(x, c), -45, 36)
	want(g.product(x, p), -72, 90)
	want(g.product(x, z), 0, 0)
	s := want(g.sign(x), 0, 1)
	want(g.product(s, x), 0, 15)
	want(g.product(x, s), 0, 15)
	want(g.product(s, c), -3, 0)
	want(g.product(g.sign(p), p), 0, 6)
	want(g.product(g.sign(m), m), 0, 0)
	want(g.product(g.sign(c), c), 0, 0)
	want(g.sign(p), 1, 1)
	want(g.sign(z), 1, 1)
	want(g.sign(m), 0, 1)
	want(g.sign(c), 0, 0)
	want(g.magnitude(x), 0, 15)
	want(g.magnitude(p), 0, 6)
	want(g.magnitude(m), 0, 21)
	want(g.magnitude(c), 2, 3)
	want(g.nonZero(x), 0, 1)
	want(g.nonZero(p), 0, 1)
	want(g.nonZero(z), 0, 0)
	want(g.nonZero(c), 1, 1)
	want(g.maximum(x, p), 0, 15)
	want(g.maximum(x, c), -3, 15)
	want(g.maximum(m, c), -3, 0)
	g.assert(x)
	model := g.model(t)
	for node, w := range wanted {
		lo, hi := model.Interval(int(node))
		if lo.Int64() != w[0] || hi.Int64() != w[1] {
			t.Errorf("node %d of kind %d: [%v, %v], want %v", node, model.nodes[node].kind, lo, hi, w)
		}
	}
}

func TestWidthsOfTheSignGadget(t *testing.T) {
	for _, test := range []struct {
		lo, hi int64
		width  int
	}{{-1, 0, 0}, {-1, 1, 1}, {-2, 0, 1}, {-2, 1, 1}, {-3, 1, 2}, {-4, 3, 2}, {-5, 3, 3}, {-4, 4, 3}, {-1, 255, 8}, {-1, 256, 9}, {-256, 0, 8}, {-257, 0, 9}} {
		if w := (interval{big.NewInt(test.lo), big.NewInt(test.hi)}).signWidth(); w != test.width {
			t.Errorf("[%d, %d]: width %d, want %d", test.lo, test.hi, w, test.width)
		}
	}
}

func TestAssertionThatCannotHoldOrModelThatCannotFailIsRefused(t *testing.T) {
	g := newGraph()
	x := g.vector("x", 1, 0, 5, "")[0]
	g.assert(x)
	refused(t, g.bytes(), "assertions", "none can fail")
	g.assert(g.sum(-6, 1, x))
	refused(t, g.bytes(), "assertions[1]", "never hold", "-1")
	g = newGraph()
	x = g.vector("x", 1, 0, 5, "")[0]
	g.assert(x)
	g.assert(g.sum(-5, 1, x))
	g.model(t)
}

// magnitudeGraph has a position and its attested magnitude.
func magnitudeGraph() (g *graph, q, m uint32) {
	g = newGraph()
	g.attesters = 2
	q = g.vector("q", 1, -5, 5, "")[0]
	m = g.vector("m", 1, 0, 5, "q")[0]
	return g, q, m
}

func TestModelInWhichAMagnitudeHelpsIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		build    func(g *graph, q, m uint32) uint32
		accepted bool
	}{
		"subtracted":                {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -2, m) }, true},
		"added":                     {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, 2, m) }, false},
		"taken alone":               {func(g *graph, _, m uint32) uint32 { return g.sum(-1, 1, m) }, false},
		"times a non-negative rate": {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.product(m, g.numerator())) }, true},
		"times a rate of either sign": {func(g *graph, q, m uint32) uint32 {
			return g.sum(0, 1, q, -1, g.product(m, g.tensor("r", 1, -1, 1)[0]))
		}, false},
		"times a rate never positive": {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, 1, g.product(g.tensor("r", 1, -3, 0)[0], m)) }, true},
		"times q":                     {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.product(m, q)) }, false},
		"larger of magnitude and q":   {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.maximum(m, q)) }, true},
		"smaller of magnitude and q":  {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, g.maximum(g.sum(0, -1, m), q)) }, true},
		"positive part": {func(g *graph, q, m uint32) uint32 {
			x := g.sum(-2, 1, m)
			return g.sum(0, 1, q, -1, g.product(g.sign(x), x))
		}, true},
		"tier chosen by the magnitude":  {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.product(g.sign(g.sum(-2, 1, m)), m)) }, true},
		"magnitude of a magnitude term": {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.magnitude(g.sum(0, 1, m, 1, q))) }, false},
		"magnitude of a positive term":  {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.magnitude(g.sum(1, 1, m))) }, true},
		"nonZero":                       {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.nonZero(m)) }, true},
		"nonZero that helps":            {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, 1, g.nonZero(m)) }, false},
		"two that cancel":               {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, -1, g.product(m, m), -1, m) }, true},
		"square of either sign":         {func(g *graph, q, m uint32) uint32 { x := g.sum(-3, 1, m); return g.sum(0, 1, q, -1, g.product(x, x)) }, false},
		"constant whatever it is":       {func(g *graph, q, m uint32) uint32 { return g.sum(0, 1, q, 1, g.sign(m)) }, true},
	} {
		g, q, m := magnitudeGraph()
		g.assert(test.build(g, q, m))
		if test.accepted {
			if _, err := ParseModel(g.bytes()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else {
			t.Run(name, func(t *testing.T) { refused(t, g.bytes(), "assertions[0]", "magnitude") })
		}
	}
}

func TestOppositeHoldingsAtTwoAttestersAreWorseThanNone(t *testing.T) {
	// +5 and -5 give q = 0 and |q| = 10: accepted as an input, and the requirement is that of 10.
	g, q, m := magnitudeGraph()
	g.assert(g.sum(9, 1, q, -1, m))
	c := g.circuit(t)
	for magnitude, holds := range map[int64]bool{0: true, 9: true, 10: false} {
		public, err := c.PublicVector([16]byte{}, 0, 1, nil, []int64{0, magnitude}, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Solve(public); (err == nil) != holds {
			t.Errorf("magnitude %d: %v", magnitude, err)
		}
	}
}

func TestAcceptedModelsNeverGainFromALargerMagnitude(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	lowered, accepted := 0, 0
	for accepted < 150 {
		g := newGraph()
		g.attesters = 1 + r.Uint64N(3)
		g.vector("q", 2, -9, 9, "")
		m := g.vector("m", 2, 0, 9, "q")
		g.tensor("c", 2, -r.Int64N(3), r.Int64N(5))
		g.constant(r.Int64N(21) - 10)
		grow(r, g, 12)
		g.assert(uint32(len(g.nodes) - 1))
		model, err := ParseModel(g.bytes())
		if err != nil {
			continue
		}
		accepted++
		n, d, coefficients, holdings := randomInputs(r, model)
		before := evaluate(model, n, d, coefficients, holdings)
		for i := model.nHoldings - len(m); i < model.nHoldings; i++ {
			if bound := find(model.holdings, i).max * model.maxAttesters; holdings[i] < bound {
				holdings[i] += 1 + r.Int64N(bound-holdings[i])
			}
		}
		after := evaluate(model, n, d, coefficients, holdings)
		switch asserted := model.assertions[0].node; after[asserted].Cmp(before[asserted]) {
		case 1:
			t.Fatalf("the asserted node grows from %v to %v", before[asserted], after[asserted])
		case -1:
			lowered++
		}
	}
	if lowered < 15 {
		t.Fatalf("only %d of %d samples depend on a magnitude", lowered, accepted)
	}
}

func TestInputsOutsideTheirIntervalAreNamed(t *testing.T) {
	g := newGraph()
	g.attesters = 2
	q := g.vector("q", 2, -5, 7, "")
	g.tensor("c", 3, 10, 20)
	g.assert(q[0])
	c := g.circuit(t)
	good := []int64{10, 20, 15}
	for _, test := range []struct {
		name                   string
		n, d                   uint64
		coefficients, holdings []int64
		blinding               [32]byte
		parts                  []string
	}{
		{"least", 0, 1, good, []int64{-10, -10}, [32]byte{}, nil},
		{"greatest", 1<<32 - 1, 1<<32 - 1, good, []int64{14, 14}, [32]byte{}, nil},
		{"N too large", 1 << 32, 1, good, []int64{0, 0}, [32]byte{}, []string{"numerator", "4294967296", "4294967295"}},
		{"N negative", math.MaxUint64, 1, good, []int64{0, 0}, [32]byte{}, []string{"numerator"}},
		{"D zero", 0, 0, good, []int64{0, 0}, [32]byte{}, []string{"denominator", "0", "1 to"}},
		{"D too large", 0, 1 << 32, good, []int64{0, 0}, [32]byte{}, []string{"denominator", "4294967296"}},
		{"coefficient missing", 0, 1, good[:2], []int64{0, 0}, [32]byte{}, []string{"coefficients", "2", "3"}},
		{"holding too many", 0, 1, good, []int64{0, 0, 0}, [32]byte{}, []string{"holdings", "3", "2"}},
		{"coefficient below", 0, 1, []int64{10, 9, 10}, []int64{0, 0}, [32]byte{}, []string{"coefficients[1]", "9", "10 to 20", `"c"`}},
		{"coefficient above", 0, 1, []int64{10, 10, 21}, []int64{0, 0}, [32]byte{}, []string{"coefficients[2]", "21", "10 to 20"}},
		{"holding below", 0, 1, good, []int64{0, -77}, [32]byte{}, []string{"holdings[1]", "-10 to 14", `"q"`}},
		{"holding just above", 0, 1, good, []int64{15, 0}, [32]byte{}, []string{"holdings[0]", "-10 to 14"}},
		{"holding just below", 0, 1, good, []int64{0, -11}, [32]byte{}, []string{"holdings[1]", "-10 to 14"}},
		{"holding above", 0, 1, good, []int64{77, 0}, [32]byte{}, []string{"holdings[0]", "-10 to 14"}},
		{"blinding too large", 0, 1, good, []int64{0, 0}, [32]byte{0xff}, []string{"blinding"}},
	} {
		v, err := c.PublicVector([16]byte{}, test.n, test.d, test.coefficients, test.holdings, test.blinding)
		if (err == nil) != (test.parts == nil) {
			t.Errorf("%s: %v", test.name, err)
		}
		if err == nil && len(v) != c.Stats().PublicInputs {
			t.Errorf("%s: %d public inputs, want %d", test.name, len(v), c.Stats().PublicInputs)
		}
		for _, part := range test.parts {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not name %q", test.name, err, part)
			}
		}
		if err != nil && strings.Contains(err.Error(), "77") {
			t.Errorf("%s: %q tells a holding", test.name, err)
		}
	}
}

func TestWitnessHasTheFormThatGnarkGivesIt(t *testing.T) {
	c := small().circuit(t)
	blinding := [32]byte{31: 3}
	w, err := c.Witness([16]byte{15: 2}, 7, 9, nil, []int64{-100}, blinding)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Vector().(fr.Vector), publicVector(2, 7, 9, -100, 3); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// FuzzParseModel: bytes from outside are refused or compiled, never a crash.
func FuzzParseModel(f *testing.F) {
	f.Add(small().bytes())
	f.Add(portfolioGraph(2, 2, 1, 2).bytes())
	f.Add([]byte(encoder{}.message(6, protowire.AppendVarint(nil, 3))))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := ParseModel(data); err == nil && m.Nodes() < 1000 && m.Holdings() < 1000 && m.Coefficients() < 1000 {
			if _, err := Compile(m); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestDamagedModelsAreRefusedOrCompileButNeverCrash(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	refusals := 0
	for range 3000 {
		data := randomGraph(r, 20).bytes()
		if r.IntN(2) == 0 {
			g := randomGraph(r, 20)
			g.assert(uint32(r.IntN(20)))
			data = g.bytes()
		}
		for range 1 + r.IntN(3) {
			switch i := r.IntN(len(data)); r.IntN(3) {
			case 0:
				data[i] = byte(r.Uint32())
			case 1:
				data = append(data[:i:i], data[i+1:]...)
			case 2:
				data = slices.Insert(data, i, byte(r.Uint32()))
			}
		}
		m, err := ParseModel(data)
		if err != nil {
			refusals++
			continue
		}
		if m.Holdings() < 1000 && m.Coefficients() < 1000 {
			if _, err := Compile(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if refusals < 1500 {
		t.Fatalf("only %d refused", refusals)
	}
}
