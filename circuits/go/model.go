package circuits

import (
	"math"
	"math/big"
	"sort"
	"strconv"

	"plimsoll.io/circuits/canonical"
)

// Limits of a model, checked before anything of that size is allocated.
const (
	maxModelBytes   = 1 << 24
	maxHoldings     = 1 << 16
	maxCoefficients = 1 << 20
	maxChoices      = 1 << 16
	maxNodes        = 1 << 21
	maxTerms        = 1 << 24
	maxDimensions   = 8
	maxScale        = 36
	maxAttesters    = 64
	maxNameLength   = 256
	// limitBits: every node and every intermediate is above -2^250 and below 2^250.
	limitBits = 250
)

var limit = new(big.Int).Lsh(big.NewInt(1), limitBits)

// kind of a node; the values are the field numbers of the message.
type kind uint8

const (
	kindConstant kind = iota + 1
	kindHolding
	kindCoefficient
	kindThreshold
	kindSum
	kindProduct
	kindSign
	kindMagnitude
	kindNonZero
	kindMaximum
	kindRoundDown
	kindChoice
)

const (
	thresholdNumerator   = 1
	thresholdDenominator = 2
)

// node of the graph. a and b are its arguments: nodes, or the index of a holding, coefficient or choice, or the threshold's part.
type node struct {
	kind     kind
	a, b     uint32
	constant *big.Int // of a constant or a sum; the divisor of a kindRoundDown
	terms    []term
}

// term of a sum: coefficient * node.
type term struct {
	node        uint32
	coefficient *big.Int
}

// vector of holdings, or tensor of coefficients: length elements that share an interval.
type vector struct {
	name      string
	axis      string
	first     int // index of its first element
	length    int
	scale     uint32
	min, max  int64
	magnitude bool
}

type assertion struct {
	name string
	node uint32
}

// Relations of a constraint's node to zero.
const (
	relationNonNegative = 1
	relationZero        = 2
)

// choiceConstraint is what the choices must fulfil.
type choiceConstraint struct {
	assertion
	relation uint8
}

// Model is a margin model that has been parsed and passed every check of docs/intervals.md, except that the circuit
// has not been built. Immutable.
type Model struct {
	name         string
	digest       [32]byte
	maxAttesters int64
	holdings     []vector
	tensors      []vector
	nHoldings    int
	nCoefs       int
	choices      []vector
	nChoices     int
	nodes        []node
	assertions   []assertion
	constraints  []choiceConstraint
	intervals    []interval
	directions   []direction
	chosen       []bool // by node: depends on a choice
	layout       []byte
}

// Name is the model's family.
func (m *Model) Name() string { return m.name }

// Digest is the digest of the bytes that the model was parsed from.
func (m *Model) Digest() [32]byte { return m.digest }

// Layout is the canonical layout: J_max and the intervals of coefficients and holdings. The caller owns the slice.
func (m *Model) Layout() []byte { return append([]byte(nil), m.layout...) }

// Holdings is how many holdings the model has.
func (m *Model) Holdings() int { return m.nHoldings }

// Coefficients is how many round coefficients the model has.
func (m *Model) Coefficients() int { return m.nCoefs }

// Choices is how many values the owner picks.
func (m *Model) Choices() int { return m.nChoices }

// Nodes is how many nodes the model has.
func (m *Model) Nodes() int { return len(m.nodes) }

// Interval of a node, both ends included. The caller owns the values. It panics when there is no such node.
func (m *Model) Interval(node int) (lo, hi *big.Int) {
	i := m.intervals[node]
	return new(big.Int).Set(i.lo), new(big.Int).Set(i.hi)
}

// ParseModel decodes the bytes of a MarginModel message strictly and checks the model: form, bounds, the interval of
// every node, and that no attested magnitude helps its owner. An error is an [*InvalidError]. The digest is
// that of exactly these bytes.
func ParseModel(data []byte) (*Model, error) {
	if len(data) > maxModelBytes {
		return nil, invalid("model", "%d bytes, at most %d are allowed", len(data), maxModelBytes)
	}
	p := parser{model: &Model{digest: canonical.ModelDigest(data)},
		inputs: map[string]bool{}, shapes: map[string]bool{}, asserted: map[string]bool{}, outputs: map[string]bool{}}
	if err := modelMessage.visit("", data, p.modelField); err != nil {
		return nil, err
	}
	m := p.model
	switch {
	case m.name == "":
		return nil, invalid("name", "missing")
	case m.maxAttesters == 0:
		return nil, invalid("max_attesters", "missing, it must be 1 to %d", maxAttesters)
	case len(m.holdings) == 0:
		return nil, invalid("holdings", "a model has at least one holding vector")
	case len(m.assertions) == 0:
		return nil, invalid("assertions", "a model has at least one assertion")
	}
	// Choices come after the nodes, so that the nodes that name them are checked last.
	for index, n := range m.nodes {
		if n.kind == kindChoice && int64(n.a) >= int64(m.nChoices) {
			return nil, invalid(join(indexed("nodes", index), "choice"), "%d, there are %d choices", n.a, m.nChoices)
		}
	}
	if err := m.analyse(); err != nil {
		return nil, err
	}
	m.layout = m.layoutBytes()
	return m, nil
}

// parser fills a model. Fields arrive in ascending order, so inputs are complete when nodes come.
type parser struct {
	model                             *Model
	inputs, shapes, asserted, outputs map[string]bool
	relation                          uint8 // of the constraint that is being read
	terms                             int
	lastSum                           []uint32 // the latest sum that names a node; sums never have index 0 and terms
}

func (p *parser) modelField(field int, v fieldValue) (err error) {
	m := p.model
	switch field {
	case 1:
		m.name, err = v.text()
	case 2:
		err = p.shapeParameter(v)
	case 3:
		if v.number > maxAttesters {
			return invalid(v.path, "%d, it must be 1 to %d", v.number, maxAttesters)
		}
		m.maxAttesters = int64(v.number)
	case 4:
		err = p.holdingVector(v)
	case 5:
		err = p.roundTensor(v)
	case 6:
		err = p.node(v)
	case 7:
		v.path = indexed("assertions", len(m.assertions))
		var a assertion
		if a, err = p.namedNode(v, namedNodeMessage[:3], p.asserted); err == nil {
			m.assertions = append(m.assertions, a)
		}
	case 8:
		v.path = indexed("outputs", len(p.outputs))
		_, err = p.namedNode(v, namedNodeMessage, p.outputs)
	case 9:
		err = p.choiceTensor(v)
	case 10:
		v.path = indexed("constraints", len(m.constraints))
		var c choiceConstraint
		if c.assertion, err = p.namedNode(v, constraintMessage, p.asserted); err == nil {
			c.relation = p.relation
			if c.relation == 0 {
				return invalid(join(v.path, "relation"), "missing")
			}
			m.constraints = append(m.constraints, c)
		}
	}
	return err
}

func indexed(name string, index int) string { return name + "[" + strconv.Itoa(index) + "]" }

func unique(path, name string, seen map[string]bool) error {
	if name == "" {
		return invalid(path, "missing")
	}
	if seen[name] {
		return invalid(path, "%q stands twice", name)
	}
	seen[name] = true
	return nil
}

func (p *parser) shapeParameter(v fieldValue) error {
	path := indexed("shape", len(p.shapes))
	name := ""
	err := shapeParameterMessage.visit(path, v.bytes, func(field int, v fieldValue) (err error) {
		if field == 1 {
			name, err = v.text()
		} else if v.number > math.MaxInt32 {
			err = invalid(v.path, "%d is above 2^31 - 1", v.number)
		}
		return err
	})
	if err != nil {
		return err
	}
	return unique(join(path, "name"), name, p.shapes)
}

func (p *parser) holdingVector(v fieldValue) error {
	m := p.model
	path := indexed("holdings", len(m.holdings))
	h := vector{first: m.nHoldings}
	magnitudeOf := ""
	err := holdingVectorMessage.visit(path, v.bytes, func(field int, v fieldValue) (err error) {
		switch field {
		case 1:
			h.name, err = v.text()
		case 2:
			h.axis, err = v.text()
		case 3:
			if v.number > maxHoldings {
				return invalid(v.path, "%d, a model has at most %d holdings", v.number, maxHoldings)
			}
			h.length = int(v.number)
		case 4:
			h.scale, err = v.scale()
		case 5:
			h.min = v.sint64()
		case 6:
			h.max = v.sint64()
		case 7:
			magnitudeOf, err = v.text()
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := unique(join(path, "name"), h.name, p.inputs); err != nil {
		return err
	}
	if h.length == 0 {
		return invalid(join(path, "length"), "missing, it must be at least 1")
	}
	if h.axis == "" && h.length != 1 {
		return invalid(join(path, "axis"), "missing, and the length is %d; only a single element may be unlabelled", h.length)
	}
	if m.nHoldings+h.length > maxHoldings {
		return invalid(join(path, "length"), "%d holdings so far, at most %d are allowed", m.nHoldings+h.length, maxHoldings)
	}
	if h.min > 0 || h.max < 0 {
		return invalid(path, "interval [%d, %d] does not contain 0", h.min, h.max)
	}
	if j := m.maxAttesters; j > 0 && (h.min < math.MinInt64/j || h.max > math.MaxInt64/j) {
		return invalid(path, "interval [%d, %d] times %d attesters exceeds 64 bits", h.min, h.max, j)
	}
	if magnitudeOf != "" {
		if err := m.checkMagnitude(path, h, magnitudeOf); err != nil {
			return err
		}
		h.magnitude = true
	}
	m.holdings = append(m.holdings, h)
	m.nHoldings += h.length
	return nil
}

func (m *Model) checkMagnitude(path string, h vector, of string) error {
	field := join(path, "magnitude_of")
	for _, base := range m.holdings {
		if base.name != of {
			continue
		}
		switch {
		case base.magnitude:
			return invalid(field, "%q is itself a magnitude", of)
		case base.length != h.length:
			return invalid(field, "%q has length %d, not %d", of, base.length, h.length)
		case base.scale != h.scale:
			return invalid(field, "%q has scale %d, not %d", of, base.scale, h.scale)
		case base.axis != h.axis:
			return invalid(field, "%q has axis %q, not %q", of, base.axis, h.axis)
		case h.min != 0:
			return invalid(join(path, "min"), "%d, a magnitude's is 0", h.min)
		}
		return nil
	}
	return invalid(field, "no earlier holding vector is named %q", of)
}

func (v fieldValue) scale() (uint32, error) {
	if v.number > maxScale {
		return 0, invalid(v.path, "%d, at most %d", v.number, maxScale)
	}
	return uint32(v.number), nil
}

func (p *parser) roundTensor(v fieldValue) error {
	m := p.model
	path := indexed("round", len(m.tensors))
	t := vector{first: m.nCoefs}
	err := p.tensor(&t, path, v, roundTensorMessage, func(field int, v fieldValue) error {
		if field == 4 {
			t.min = v.sint64()
		} else {
			t.max = v.sint64()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if t.min > t.max {
		return invalid(path, "interval [%d, %d] is empty", t.min, t.max)
	}
	if m.nCoefs+t.length > maxCoefficients {
		return invalid(path, "%d coefficients so far, at most %d are allowed", m.nCoefs+t.length, maxCoefficients)
	}
	m.tensors = append(m.tensors, t)
	m.nCoefs += t.length
	return nil
}

// tensor reads what tensors of the round and of choices share: name, dimensions and scale. The rest is left to the caller.
func (p *parser) tensor(t *vector, path string, v fieldValue, fields message, rest func(field int, v fieldValue) error) error {
	t.length = 1
	dimensions := 0
	err := fields.visit(path, v.bytes, func(field int, v fieldValue) (err error) {
		switch field {
		case 1:
			t.name, err = v.text()
		case 2:
			v.path = join(path, indexed("dimensions", dimensions))
			if dimensions++; dimensions > maxDimensions {
				return invalid(v.path, "a tensor has at most %d dimensions", maxDimensions)
			}
			err = t.dimension(v)
		case 3:
			t.scale, err = v.scale()
		default:
			err = rest(field, v)
		}
		return err
	})
	if err != nil {
		return err
	}
	return unique(join(path, "name"), t.name, p.inputs)
}

func (p *parser) choiceTensor(v fieldValue) error {
	m := p.model
	path := indexed("choices", len(m.choices))
	t := vector{first: m.nChoices}
	because := ""
	err := p.tensor(&t, path, v, choiceTensorMessage, func(field int, v fieldValue) (err error) {
		if field == 4 {
			t.max = v.sint64()
		} else {
			because, err = v.text()
		}
		return err
	})
	if err != nil {
		return err
	}
	if t.max < 1 {
		return invalid(join(path, "max"), "%d, it must be at least 1", t.max)
	}
	if because == "" {
		return invalid(join(path, "because"), "missing: it says why every feasible choice is a valid bound")
	}
	if m.nChoices+t.length > maxChoices {
		return invalid(path, "%d choices so far, at most %d are allowed", m.nChoices+t.length, maxChoices)
	}
	m.choices = append(m.choices, t)
	m.nChoices += t.length
	return nil
}

// dimension multiplies the tensor's length; both factors stay below 2^20, so nothing overflows.
func (t *vector) dimension(v fieldValue) error {
	axis, length := "", 0
	err := dimensionMessage.visit(v.path, v.bytes, func(field int, v fieldValue) (err error) {
		if field == 1 {
			axis, err = v.text()
			return err
		}
		if v.number > maxCoefficients {
			return invalid(v.path, "%d, a model has at most %d coefficients", v.number, maxCoefficients)
		}
		length = int(v.number)
		return nil
	})
	if err != nil {
		return err
	}
	if axis == "" {
		return invalid(join(v.path, "axis"), "missing")
	}
	if length == 0 {
		return invalid(join(v.path, "length"), "missing, it must be at least 1")
	}
	if t.length *= length; t.length > maxCoefficients {
		return invalid(v.path, "%d coefficients, a model has at most %d", t.length, maxCoefficients)
	}
	return nil
}

func (p *parser) namedNode(v fieldValue, fields message, seen map[string]bool) (assertion, error) {
	var a assertion
	path := v.path
	p.relation = 0
	err := fields.visit(path, v.bytes, func(field int, v fieldValue) (err error) {
		switch field {
		case 1:
			a.name, err = v.text()
		case 2:
			a.node, err = v.uint32()
		case 3:
			if fields[3].name == "scale" {
				_, err = v.scale()
			} else if v.number > relationZero {
				err = invalid(v.path, "%d, it must be 1 (non-negative) or 2 (zero)", v.number)
			} else {
				p.relation = uint8(v.number)
			}
		}
		return err
	})
	if err != nil {
		return a, err
	}
	if err := unique(join(path, "name"), a.name, seen); err != nil {
		return a, err
	}
	if int(a.node) >= len(p.model.nodes) {
		return a, invalid(join(path, "node"), "%d, the model has %d nodes", a.node, len(p.model.nodes))
	}
	return a, nil
}

func (p *parser) node(v fieldValue) error {
	m := p.model
	index := len(m.nodes)
	path := indexed("nodes", index)
	if index >= maxNodes {
		return invalid(path, "a model has at most %d nodes", maxNodes)
	}
	var n node
	err := nodeMessage.visit(path, v.bytes, func(field int, v fieldValue) (err error) {
		if n.kind != 0 {
			return invalid(path, "two kinds in one node")
		}
		n.kind = kind(field)
		switch n.kind {
		case kindConstant:
			n.constant, err = v.integer()
		case kindHolding:
			n.a, err = v.below(m.nHoldings, "holdings")
		case kindCoefficient:
			n.a, err = v.below(m.nCoefs, "coefficients")
		case kindThreshold:
			if v.number != thresholdNumerator && v.number != thresholdDenominator {
				return invalid(v.path, "%d, it must be 1 (numerator) or 2 (denominator)", v.number)
			}
			n.a = uint32(v.number)
		case kindSum:
			n.constant, n.terms, err = p.sum(v, index)
		case kindProduct, kindMaximum:
			err = pairMessage.visit(v.path, v.bytes, func(field int, v fieldValue) (err error) {
				if field == 1 {
					n.a, err = v.below(index, "earlier nodes")
				} else {
					n.b, err = v.below(index, "earlier nodes")
				}
				return err
			})
			if err == nil && index == 0 {
				err = invalid(v.path, "the first node has no earlier node to refer to")
			}
		case kindSign, kindMagnitude, kindNonZero:
			n.a, err = v.below(index, "earlier nodes")
		case kindRoundDown:
			n.a, n.constant, err = v.roundDown(index)
		case kindChoice:
			n.a, err = v.uint32()
		}
		return err
	})
	if err != nil {
		return err
	}
	if n.kind == 0 {
		return invalid(path, "no kind")
	}
	m.nodes = append(m.nodes, n)
	p.lastSum = append(p.lastSum, 0)
	return nil
}

func (v fieldValue) below(count int, what string) (uint32, error) {
	if v.number >= uint64(count) {
		return 0, invalid(v.path, "%d, there are %d %s", v.number, count, what)
	}
	return uint32(v.number), nil
}

func (p *parser) sum(v fieldValue, index int) (constant *big.Int, terms []term, err error) {
	path := v.path
	err = linearSumMessage.visit(path, v.bytes, func(field int, v fieldValue) (err error) {
		if field == 2 {
			constant, err = v.integer()
			return err
		}
		v.path = join(path, indexed("terms", len(terms)))
		if p.terms++; p.terms > maxTerms {
			return invalid(v.path, "the sums of a model have at most %d terms", maxTerms)
		}
		t, err := v.term(index)
		if err != nil {
			return err
		}
		if p.lastSum[t.node] == uint32(index) {
			return invalid(join(v.path, "node"), "node %d stands twice in one sum", t.node)
		}
		p.lastSum[t.node] = uint32(index)
		terms = append(terms, t)
		return nil
	})
	if err == nil && constant == nil {
		err = invalid(join(path, "constant"), "missing, zero is one zero byte")
	}
	return constant, terms, err
}

func (v fieldValue) term(index int) (term, error) {
	var t term
	err := termMessage.visit(v.path, v.bytes, func(field int, v fieldValue) (err error) {
		if field == 1 {
			t.node, err = v.below(index, "earlier nodes")
		} else {
			t.coefficient, err = v.integer()
		}
		return err
	})
	if err != nil {
		return t, err
	}
	if index == 0 {
		return t, invalid(v.path, "the first node has no earlier node to refer to")
	}
	if t.coefficient == nil || t.coefficient.Sign() == 0 {
		return t, invalid(join(v.path, "coefficient"), "missing or zero")
	}
	return t, nil
}

func (v fieldValue) roundDown(index int) (of uint32, divisor *big.Int, err error) {
	path := v.path
	err = roundDownMessage.visit(path, v.bytes, func(field int, v fieldValue) (err error) {
		if field == 1 {
			of, err = v.below(index, "earlier nodes")
		} else {
			divisor, err = v.integer()
		}
		return err
	})
	switch {
	case err != nil:
	case index == 0:
		err = invalid(path, "the first node has no earlier node to refer to")
	case divisor == nil:
		err = invalid(join(path, "divisor"), "missing, it must be at least 1")
	case divisor.Sign() <= 0:
		err = invalid(join(path, "divisor"), "%s, it must be at least 1", brief(divisor))
	}
	return of, divisor, err
}

// layoutBytes merges neighbouring inputs of equal interval to maximal runs.
func (m *Model) layoutBytes() []byte {
	w := canonical.NewWriter("plimsoll/layout/v1").U32(uint32(m.maxAttesters))
	for _, vectors := range [][]vector{m.tensors, m.holdings} {
		var runs []vector
		for _, v := range vectors {
			if last := len(runs) - 1; last >= 0 && runs[last].min == v.min && runs[last].max == v.max {
				runs[last].length += v.length
			} else {
				runs = append(runs, v)
			}
		}
		w.U32(uint32(len(runs)))
		for _, run := range runs {
			w.U32(uint32(run.length)).I64(run.min).I64(run.max)
		}
	}
	return w.Message()
}

// find is the vector that holds element index of the concatenation.
func find(vectors []vector, index int) *vector {
	i := sort.Search(len(vectors), func(i int) bool { return index < vectors[i].first+vectors[i].length })
	return &vectors[i]
}
