package circuits

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// constantWire is the wire that is always one.
const constantWire = 0

// part is one term of a linear expression: coefficient * wire.
type part struct {
	wire        uint32
	coefficient fr.Element
}

// linear is an expression over wires: ascending wires, no zero coefficient; empty is zero. Never changed once built.
type linear []part

func constantOf(value fr.Element) linear {
	if value.IsZero() {
		return nil
	}
	return linear{{constantWire, value}}
}

func wireOf(wire uint32) linear { return linear{{wire, fr.One()}} }

// constant is the value of an expression without wires.
func (l linear) constant() (value fr.Element, ok bool) {
	switch {
	case len(l) == 0:
		return value, true
	case len(l) == 1 && l[0].wire == constantWire:
		return l[0].coefficient, true
	default:
		return value, false
	}
}

func (l linear) scaled(factor fr.Element) linear {
	if factor.IsOne() {
		return l
	}
	if factor.IsZero() {
		return nil
	}
	result := make(linear, len(l))
	for i, p := range l {
		result[i].wire = p.wire
		result[i].coefficient.Mul(&p.coefficient, &factor)
	}
	return result
}

func (l linear) negated() linear { return l.scaled(minusOne) }

func (l linear) plus(o linear) linear {
	return collect(append(append(make(linear, 0, len(l)+len(o)), l...), o...))
}

func (l linear) minus(o linear) linear { return l.plus(o.negated()) }

// collect sorts parts and merges those of one wire, in place.
func collect(parts linear) linear {
	slices.SortStableFunc(parts, func(a, b part) int { return int(a.wire) - int(b.wire) })
	result := parts[:0]
	for _, p := range parts {
		last := len(result) - 1
		if last >= 0 && result[last].wire == p.wire {
			result[last].coefficient.Add(&result[last].coefficient, &p.coefficient)
			continue
		}
		if last >= 0 && result[last].coefficient.IsZero() {
			result = result[:last]
		}
		result = append(result, p)
	}
	if last := len(result) - 1; last >= 0 && result[last].coefficient.IsZero() {
		result = result[:last]
	}
	return result
}

// key identifies an expression.
func (l linear) key() string {
	data := make([]byte, 0, len(l)*(4+fr.Bytes))
	for _, p := range l {
		c := p.coefficient.Bytes()
		data = append(data, byte(p.wire>>24), byte(p.wire>>16), byte(p.wire>>8), byte(p.wire))
		data = append(data, c[:]...)
	}
	return string(data)
}

// evaluate computes the expression from the values of all wires.
func (l linear) evaluate(wires []fr.Element) fr.Element {
	var sum, product fr.Element
	for i := range l {
		product.Mul(&l[i].coefficient, &wires[l[i].wire])
		sum.Add(&sum, &product)
	}
	return sum
}

var minusOne, half = func() (m, h fr.Element) {
	m.SetInt64(-1)
	h.SetUint64(2)
	h.Inverse(&h)
	return m, h
}()
