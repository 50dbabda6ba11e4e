package circuits

import (
	"encoding/binary"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

const (
	// longForm: an expression with more terms that feeds a gadget or a product, or is used again, gets its own wire.
	longForm = 16
	// longestForm: an expression with more terms gets its own wire in any case, so that chains of sums stay cheap.
	longestForm = 1024
	// Public inputs by wire.
	contextWire      = 1
	numeratorWire    = 2
	denominatorWire  = 3
	firstCoefficient = 4
)

// gadget is a sign gadget that has been made: bit and |x| of an expression x.
type gadget struct {
	bit       uint32
	magnitude linear
}

// lowering turns the nodes of a model into rows.
type lowering struct {
	*rows
	model *Model
	same  []uint32 // by node: the first node that computes the same
	live  []bool   // by first node: some assertion depends on it
	uses  []uses   // by first node
	forms []linear // by node, once lowered

	signs          map[string]gadget
	bits           map[string]uint32 // nonZero
	products       map[string]uint32
	owned          map[string]uint32
	quotients      map[string]linear
	decompositions []Decomposition
}

// uses counts how a live node is used by live nodes.
type uses struct{ all, nonLinear uint32 }

// lower builds the circuit; everything keeps dead nodes and leaves the assertions out, for looking at values. A circuit beyond
// maxRows or maxParts is an [*InvalidError].
func lower(m *Model, everything bool) (l *lowering, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			large, ok := cause.(tooLarge)
			if !ok {
				panic(cause)
			}
			l, err = nil, invalid("model", "its circuit has more than %d %s", large.limit, large.of)
		}
	}()
	l = &lowering{rows: newRows(m.nCoefs, m.nHoldings, m.nChoices, min(4*len(m.nodes), 1<<18)), model: m,
		live: make([]bool, len(m.nodes)), uses: make([]uses, len(m.nodes)), forms: make([]linear, len(m.nodes)),
		signs: map[string]gadget{}, bits: map[string]uint32{}, products: map[string]uint32{}, owned: map[string]uint32{}, quotients: map[string]linear{}}
	l.number()
	if everything {
		for i := range l.live {
			l.live[i] = int(l.same[i]) == i
		}
	} else {
		for _, a := range m.assertions {
			if !m.intervals[a.node].nonNegative() {
				l.live[l.same[a.node]] = true
			}
		}
		for _, c := range m.constraints {
			if c.relation == relationZero || !m.intervals[c.node].nonNegative() {
				l.live[l.same[c.node]] = true
			}
		}
	}
	for i := len(m.nodes) - 1; i >= 0; i-- {
		if l.live[i] {
			l.markArguments(uint32(i))
		}
	}

	// The one row that keeps context and blinding out of the kernel: each alone on its side.
	blinding := wireOf(uint32(l.public - 1))
	l.row(wireOf(contextWire), blinding, wireOf(l.solved(true)))
	for i := range m.nodes {
		if l.live[i] {
			form := l.form(uint32(i))
			l.spend(len(form))
			l.forms[i] = l.shortened(uint32(i), form)
		}
	}
	for i := range m.nodes {
		l.forms[i] = l.forms[l.same[i]]
	}
	if !everything {
		l.constraints()
		l.assertions()
	}
	// An input without any row would have the point at infinity in the verifying key; a choice, a part in the kernel.
	for wire := contextWire; wire < l.public+m.nChoices; wire++ {
		if !l.stands[wire] {
			l.row(wireOf(uint32(wire)), blinding, wireOf(l.solved(true)))
		}
	}
	return l, nil
}

// number finds nodes that compute the same as an earlier one.
func (l *lowering) number() {
	l.same = make([]uint32, len(l.model.nodes))
	first := make(map[string]uint32, len(l.model.nodes))
	var key []byte
	for i, n := range l.model.nodes {
		a, b := n.a, n.b
		if n.kind >= kindProduct && n.kind != kindChoice {
			a, b = l.same[a], l.same[b]
		}
		if (n.kind == kindProduct || n.kind == kindMaximum) && a > b {
			a, b = b, a
		}
		key = append(key[:0], byte(n.kind))
		key = binary.BigEndian.AppendUint32(key, a)
		key = binary.BigEndian.AppendUint32(key, b)
		if n.constant != nil {
			key = appendInteger(key, n.constant)
		}
		for _, t := range n.terms {
			key = binary.BigEndian.AppendUint32(key, l.same[t.node])
			key = appendInteger(key, t.coefficient)
		}
		earlier, ok := first[string(key)]
		if !ok {
			earlier = uint32(i)
			first[string(key)] = earlier
		}
		l.same[i] = earlier
	}
}

func appendInteger(key []byte, v *big.Int) []byte {
	data := v.Bytes()
	return append(append(key, byte(v.Sign()+1), byte(len(data))), data...)
}

func (l *lowering) interval(node uint32) interval { return l.model.intervals[node] }

// markArguments marks what form will ask for; the two follow the same cases.
func (l *lowering) markArguments(index uint32) {
	if l.interval(index).constant() {
		return
	}
	use := func(node uint32, linear bool) {
		node = l.same[node]
		l.live[node] = true
		l.uses[node].all++
		if !linear {
			l.uses[node].nonLinear++
		}
	}
	n := l.model.nodes[index]
	switch n.kind {
	case kindSum:
		for _, t := range n.terms {
			use(t.node, true)
		}
	case kindProduct:
		if x, ok := positivePart(l.model.nodes, n); ok {
			use(x, l.interval(x).nonNegative())
			if !l.interval(x).nonNegative() {
				use(x, true) // in the gadget and in the value
			}
		} else {
			linear := l.interval(n.a).constant() || l.interval(n.b).constant()
			use(n.a, linear)
			use(n.b, linear)
		}
	case kindMagnitude:
		i := l.interval(n.a)
		use(n.a, i.nonNegative() || i.nonPositive())
	case kindSign, kindNonZero:
		use(n.a, false)
	case kindRoundDown:
		use(n.a, true)
	case kindMaximum:
		d := l.interval(n.a).minus(l.interval(n.b))
		if !d.nonPositive() {
			use(n.a, d.nonNegative())
		}
		if !d.nonNegative() {
			use(n.b, d.nonPositive())
		}
		if !d.nonNegative() && !d.nonPositive() {
			use(n.a, true) // in the gadget and in the value
			use(n.b, true)
		}
	}
}

// form is the expression of a live node's value.
func (l *lowering) form(index uint32) linear {
	if i := l.interval(index); i.constant() {
		return constantOf(element(i.lo))
	}
	n := l.model.nodes[index]
	switch n.kind {
	case kindHolding:
		return wireOf(uint32(firstCoefficient+l.model.nCoefs) + n.a)
	case kindCoefficient:
		return wireOf(firstCoefficient + n.a)
	case kindThreshold:
		if n.a == thresholdNumerator {
			return wireOf(numeratorWire)
		}
		return wireOf(denominatorWire)
	case kindSum:
		return l.sum(n)
	case kindProduct:
		if x, ok := positivePart(l.model.nodes, n); ok {
			if l.interval(x).nonNegative() {
				return l.of(x)
			}
			return l.of(x).plus(l.magnitude(index, l.of(x), l.interval(x))).scaled(half)
		}
		return l.multiply(n.a, n.b)
	case kindSign:
		return wireOf(l.signOf(index, l.of(n.a), l.interval(n.a)).bit)
	case kindMagnitude:
		switch i := l.interval(n.a); {
		case i.nonNegative():
			return l.of(n.a)
		case i.nonPositive():
			return l.of(n.a).negated()
		default:
			return l.magnitude(index, l.of(n.a), i)
		}
	case kindNonZero:
		x := l.of(n.a)
		key := x.key()
		bit, ok := l.bits[key]
		if !ok {
			bit = l.nonZero(x)
			l.bits[key] = bit
		}
		return wireOf(bit)
	case kindMaximum:
		switch d := l.interval(n.a).minus(l.interval(n.b)); {
		case d.nonNegative():
			return l.of(n.a)
		case d.nonPositive():
			return l.of(n.b)
		default:
			a, b := l.of(n.a), l.of(n.b)
			return a.plus(b).plus(l.magnitude(index, a.minus(b), d)).scaled(half)
		}
	case kindRoundDown:
		return l.quotient(index, n)
	case kindChoice:
		return l.choice(index, n)
	default:
		panic("a constant has a constant interval")
	}
}

// of is the expression of an earlier node.
func (l *lowering) of(node uint32) linear { return l.forms[l.same[node]] }

func (l *lowering) sum(n node) linear {
	size := 1
	for _, t := range n.terms {
		if size += len(l.of(t.node)); size > maxParts {
			l.spend(size) // before it is allocated
		}
	}
	parts := append(make(linear, 0, size), constantOf(element(n.constant))...)
	for _, t := range n.terms {
		parts = append(parts, l.of(t.node).scaled(element(t.coefficient))...)
	}
	return collect(parts)
}

func (l *lowering) multiply(a, b uint32) linear {
	left, right := l.of(a), l.of(b)
	if c, ok := left.constant(); ok {
		return right.scaled(c)
	}
	if c, ok := right.constant(); ok {
		return left.scaled(c)
	}
	// A bit stands on the right, so that only bits reach B per proof.
	if l.isBit(a) && !l.isBit(b) {
		left, right = right, left
	}
	leftKey, rightKey := left.key(), right.key()
	key := leftKey + "*" + rightKey
	if rightKey < leftKey {
		key = rightKey + "*" + leftKey
	}
	wire, ok := l.products[key]
	if !ok {
		wire = l.product(left, right)
		l.products[key] = wire
	}
	return wireOf(wire)
}

func (l *lowering) isBit(node uint32) bool {
	i := l.interval(node)
	return i.nonNegative() && i.hi.Cmp(one) <= 0
}

// signOf is the sign gadget of an expression, made once.
func (l *lowering) signOf(node uint32, x linear, i interval) gadget {
	key := x.key()
	g, ok := l.signs[key]
	if !ok {
		width := i.signWidth()
		g.bit, g.magnitude = l.sign(x, width)
		l.signs[key] = g
		l.decompositions = append(l.decompositions, Decomposition{node, uint32(width), uint32(width) + 2})
	}
	return g
}

// quotient is x / divisor rounded down, made once for each expression and divisor.
func (l *lowering) quotient(index uint32, n node) linear {
	x, divisor := l.of(n.a), n.constant
	if divisor.Cmp(one) == 0 {
		return x
	}
	key := divisor.String() + "/" + x.key()
	q, ok := l.quotients[key]
	if !ok {
		i := l.interval(index)
		before := l.system.GetNbConstraints()
		var bits int
		q, bits = l.roundDown(x, divisor, i.lo, i.width())
		l.quotients[key] = q
		l.decompositions = append(l.decompositions, Decomposition{index, uint32(bits), uint32(l.system.GetNbConstraints() - before)})
	}
	return q
}

// magnitude is |x| by the sign gadget of x, or that of -x if there is one already.
func (l *lowering) magnitude(node uint32, x linear, i interval) linear {
	if g, ok := l.signs[x.negated().key()]; ok {
		return g.magnitude
	}
	return l.signOf(node, x, i).magnitude
}

// shortened gives a long expression a wire of its own where that pays.
func (l *lowering) shortened(index uint32, x linear) linear {
	u := l.uses[index]
	if len(x) <= longForm || len(x) <= longestForm && u.all < 2 && (u.nonLinear == 0 || l.isSimple(x)) {
		return x
	}
	key := x.key()
	wire, ok := l.owned[key]
	if !ok {
		wire = l.own(x)
		l.owned[key] = wire
	}
	return wireOf(wire)
}

// choice is a choice's wire, whose range is shown where it is first used.
func (l *lowering) choice(index uint32, n node) linear {
	x := wireOf(uint32(l.public) + n.a)
	before := l.system.GetNbConstraints()
	bits := l.assertUpTo(x, l.interval(index).hi)
	l.decompositions = append(l.decompositions, Decomposition{index, uint32(bits), uint32(l.system.GetNbConstraints() - before)})
	return x
}

func (l *lowering) constraints() {
	done := map[string]bool{}
	for _, c := range l.model.constraints {
		x := l.of(c.node)
		if c.relation == relationZero {
			if key := "=" + x.key(); !done[key] {
				done[key] = true
				l.row(nil, nil, x)
			}
			continue
		}
		l.nonNegative(c.node, done)
	}
}

func (l *lowering) assertions() {
	done := map[string]bool{}
	for _, a := range l.model.assertions {
		l.nonNegative(a.node, done)
	}
}

func (l *lowering) nonNegative(node uint32, done map[string]bool) {
	i := l.interval(node)
	x := l.of(node)
	if i.nonNegative() || done[x.key()] {
		return
	}
	done[x.key()] = true
	width := i.hi.BitLen()
	l.assertNonNegative(x, width)
	l.decompositions = append(l.decompositions, Decomposition{node, uint32(width), uint32(width) + 1})
}

func element(v *big.Int) (e fr.Element) {
	if v.IsInt64() {
		e.SetInt64(v.Int64())
	} else {
		e.SetBigInt(v)
	}
	return e
}
