package circuits

import "math/big"

// interval of integers, both ends included. The values are shared and never changed.
type interval struct{ lo, hi *big.Int }

var (
	zero         = new(big.Int)
	one          = big.NewInt(1)
	maxThreshold = big.NewInt(1<<32 - 1)
)

func (i interval) constant() bool    { return i.lo.Cmp(i.hi) == 0 }
func (i interval) nonNegative() bool { return i.lo.Sign() >= 0 }
func (i interval) nonPositive() bool { return i.hi.Sign() <= 0 }
func (i interval) negative() bool    { return i.hi.Sign() < 0 }

func (i interval) within() bool { return i.lo.CmpAbs(limit) < 0 && i.hi.CmpAbs(limit) < 0 }

func (i interval) scaled(factor int64) interval {
	f := big.NewInt(factor)
	return interval{new(big.Int).Mul(i.lo, f), new(big.Int).Mul(i.hi, f)}
}

func (i interval) minus(o interval) interval {
	return interval{new(big.Int).Sub(i.lo, o.hi), new(big.Int).Sub(i.hi, o.lo)}
}

func (i interval) plus(o interval) interval {
	return interval{new(big.Int).Add(i.lo, o.lo), new(big.Int).Add(i.hi, o.hi)}
}

func (i interval) times(o interval) interval {
	lo := new(big.Int).Mul(i.lo, o.lo)
	hi := lo
	for _, p := range []*big.Int{new(big.Int).Mul(i.lo, o.hi), new(big.Int).Mul(i.hi, o.lo), new(big.Int).Mul(i.hi, o.hi)} {
		lo, hi = least(lo, p), greatest(hi, p)
	}
	return interval{lo, hi}
}

func (i interval) magnitude() interval {
	switch {
	case i.nonNegative():
		return i
	case i.nonPositive():
		return interval{new(big.Int).Neg(i.hi), new(big.Int).Neg(i.lo)}
	default:
		return interval{zero, greatest(new(big.Int).Neg(i.lo), i.hi)}
	}
}

// roundDown is the interval of the quotients by a divisor of at least 1, rounded down.
func (i interval) roundDown(divisor *big.Int) interval {
	// Div is Euclidean: for a positive divisor the quotient is rounded down.
	return interval{new(big.Int).Div(i.lo, divisor), new(big.Int).Div(i.hi, divisor)}
}

// width is the number of bits of x - lo.
func (i interval) width() int { return new(big.Int).Sub(i.hi, i.lo).BitLen() }

// signWidth is the number of bits of y in the sign gadget: y is x when x >= 0 and -x-1 otherwise.
func (i interval) signWidth() int {
	below := new(big.Int).Not(i.lo) // -lo - 1
	return greatest(i.hi, below).BitLen()
}

func least(a, b *big.Int) *big.Int {
	if a.Cmp(b) <= 0 {
		return a
	}
	return b
}

func greatest(a, b *big.Int) *big.Int {
	if a.Cmp(b) >= 0 {
		return a
	}
	return b
}

// direction of a node in the attested magnitudes, all other inputs fixed.
type direction uint8

const (
	independent direction = iota
	nonDecreasing
	nonIncreasing
	unknownDirection
)

func (d direction) join(o direction) direction {
	if d == independent || d == o {
		return o
	}
	if o == independent {
		return d
	}
	return unknownDirection
}

// times is the direction of x*y in x, when x has direction d and y lies in i.
func (d direction) times(i interval) direction {
	switch {
	case d == independent || i.lo.Sign() == 0 && i.hi.Sign() == 0:
		return independent
	case i.nonNegative() || d == unknownDirection:
		return d
	case i.nonPositive():
		return nonDecreasing + nonIncreasing - d
	default:
		return unknownDirection
	}
}

// positivePart is x when a product is sign(x)*x.
func positivePart(nodes []node, n node) (x uint32, ok bool) {
	if s := nodes[n.a]; s.kind == kindSign && s.a == n.b {
		return n.b, true
	}
	if s := nodes[n.b]; s.kind == kindSign && s.a == n.a {
		return n.a, true
	}
	return 0, false
}

// analyse computes the interval and the direction of every node by the rules of docs/intervals.md and refuses
// what these forbid.
func (m *Model) analyse() error {
	m.intervals = make([]interval, 0, len(m.nodes))
	m.directions = make([]direction, 0, len(m.nodes))
	m.chosen = make([]bool, 0, len(m.nodes))
	inputs := map[*vector]interval{}
	declared := func(vectors []vector, index int, factor int64) interval {
		v := find(vectors, index)
		i, ok := inputs[v]
		if !ok {
			i = interval{big.NewInt(v.min), big.NewInt(v.max)}.scaled(factor)
			inputs[v] = i
		}
		return i
	}
	for index, n := range m.nodes {
		var i interval
		d := independent
		switch n.kind {
		case kindConstant:
			i = interval{n.constant, n.constant}
		case kindHolding:
			i = declared(m.holdings, int(n.a), m.maxAttesters)
			if find(m.holdings, int(n.a)).magnitude {
				d = nonDecreasing
			}
		case kindCoefficient:
			i = declared(m.tensors, int(n.a), 1)
		case kindThreshold:
			i = interval{zero, maxThreshold}
			if n.a == thresholdDenominator {
				i.lo = one
			}
		case kindSum:
			i = m.sumInterval(n)
			for _, t := range n.terms {
				d = d.join(m.directions[t.node].times(interval{t.coefficient, t.coefficient}))
			}
		case kindProduct:
			a, b := m.intervals[n.a], m.intervals[n.b]
			if x, ok := positivePart(m.nodes, n); ok {
				i = interval{greatest(zero, m.intervals[x].lo), greatest(zero, m.intervals[x].hi)}
				d = m.directions[x]
			} else {
				i = a.times(b)
				if n.a == n.b && i.lo.Sign() < 0 {
					i.lo = zero // a square
				}
				d = m.directions[n.a].times(b).join(m.directions[n.b].times(a))
			}
		case kindSign:
			i, d = m.signInterval(n.a), m.directions[n.a]
		case kindMagnitude:
			i, d = m.intervals[n.a].magnitude(), m.directions[n.a].times(m.intervals[n.a])
		case kindNonZero:
			i, d = m.nonZeroInterval(n.a), m.directions[n.a].times(m.intervals[n.a])
		case kindMaximum:
			a, b := m.intervals[n.a], m.intervals[n.b]
			if !a.minus(b).within() || !a.plus(b).within() {
				return invalid(indexed("nodes", index), "the difference or the sum of the arguments of a maximum can reach 2^%d", limitBits)
			}
			i = interval{greatest(a.lo, b.lo), greatest(a.hi, b.hi)}
			d = m.directions[n.a].join(m.directions[n.b])
		case kindChoice:
			i = declared(m.choices, int(n.a), 1)
		case kindRoundDown:
			i, d = m.intervals[n.a].roundDown(n.constant), m.directions[n.a]
		}
		if !i.within() {
			return invalid(indexed("nodes", index), "its value lies in [%s, %s] and can reach 2^%d", brief(i.lo), brief(i.hi), limitBits)
		}
		chosen, err := m.dependsOnChoice(index, n)
		if err != nil {
			return err
		}
		if i.constant() {
			d, chosen = independent, false
		}
		m.chosen = append(m.chosen, chosen)
		m.intervals = append(m.intervals, i)
		m.directions = append(m.directions, d)
	}
	if err := m.checkConstraints(); err != nil {
		return err
	}
	return m.checkAssertions()
}

// dependsOnChoice says whether a node does, and refuses all that a choice must not feed: everything but sums and products with
// what depends on no choice. So each node is linear in the choices, and no bit is ever the owner's to pick.
func (m *Model) dependsOnChoice(index int, n node) (bool, error) {
	switch n.kind {
	case kindConstant, kindHolding, kindCoefficient, kindThreshold:
		return false, nil
	case kindChoice:
		return true, nil
	case kindSum:
		for _, t := range n.terms {
			if m.chosen[t.node] {
				return true, nil
			}
		}
		return false, nil
	case kindProduct:
		if m.chosen[n.a] && m.chosen[n.b] {
			return true, invalid(indexed("nodes", index), "a product of two nodes that depend on choices")
		}
		return m.chosen[n.a] || m.chosen[n.b], nil
	default:
		if m.chosen[n.a] || n.kind == kindMaximum && m.chosen[n.b] {
			return true, invalid(indexed("nodes", index), "an argument depends on a choice; only sums and products may")
		}
		return false, nil
	}
}

// checkConstraints demands of each constraint that it can hold, and that a larger attested magnitude makes no further choice feasible.
func (m *Model) checkConstraints() error {
	for index, c := range m.constraints {
		field := indexed("constraints", index)
		i, d := m.intervals[c.node], m.directions[c.node]
		equality := c.relation == relationZero
		switch {
		case !m.chosen[c.node]:
			return invalid(field, "%q depends on no choice: node %d", c.name, c.node)
		case i.negative() || equality && i.lo.Sign() > 0:
			return invalid(field, "%q can never hold: node %d lies in [%s, %s]", c.name, c.node, brief(i.lo), brief(i.hi))
		case d != independent && (equality || d != nonIncreasing):
			return invalid(field, "%q could be relaxed by a larger attested magnitude: node %d", c.name, c.node)
		}
	}
	return nil
}

func (m *Model) sumInterval(n node) interval {
	lo, hi := new(big.Int).Set(n.constant), new(big.Int).Set(n.constant)
	var p big.Int
	for _, t := range n.terms {
		x := m.intervals[t.node]
		if t.coefficient.Sign() < 0 {
			x.lo, x.hi = x.hi, x.lo
		}
		lo.Add(lo, p.Mul(t.coefficient, x.lo))
		hi.Add(hi, p.Mul(t.coefficient, x.hi))
	}
	return interval{lo, hi}
}

func (m *Model) signInterval(argument uint32) interval {
	switch x := m.intervals[argument]; {
	case x.nonNegative():
		return interval{one, one}
	case x.negative():
		return interval{zero, zero}
	default:
		return interval{zero, one}
	}
}

func (m *Model) nonZeroInterval(argument uint32) interval {
	switch x := m.intervals[argument]; {
	case x.lo.Sign() > 0 || x.hi.Sign() < 0:
		return interval{one, one}
	case x.constant():
		return interval{zero, zero}
	default:
		return interval{zero, one}
	}
}

func (m *Model) checkAssertions() error {
	canFail := false
	for index, a := range m.assertions {
		field := indexed("assertions", index)
		i := m.intervals[a.node]
		if i.negative() {
			return invalid(field, "%q can never hold: node %d is at most %s", a.name, a.node, brief(i.hi))
		}
		if d := m.directions[a.node]; d != independent && d != nonIncreasing {
			return invalid(field, "%q could be helped by a larger attested magnitude: node %d is not non-increasing in the magnitudes", a.name, a.node)
		}
		canFail = canFail || !i.nonNegative()
	}
	if !canFail {
		return invalid("assertions", "none can fail: every asserted node is non-negative whatever the inputs")
	}
	return nil
}

// brief writes a number, by its number of bits when it is long.
func brief(v *big.Int) string {
	if v.BitLen() <= 128 {
		return v.String()
	}
	if v.Sign() < 0 {
		return "-2^" + big.NewInt(int64(v.BitLen()-1)).String() + "..."
	}
	return "2^" + big.NewInt(int64(v.BitLen()-1)).String() + "..."
}
