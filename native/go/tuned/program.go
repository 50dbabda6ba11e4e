package tuned

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
)

// class is what a wire's value depends on. The class of a wire that depends on several wires is the union of theirs.
type class uint8

const (
	// classConstant: nothing; the same in every proof.
	classConstant class = 0
	// classRound: the coefficients of the risk round alone.
	classRound class = 1
	// classAccount: the holdings and their blinding alone.
	classAccount class = 2
	// classProof: anything else. Context and threshold are of this class, and so is what needs round and account.
	classProof class = 4
)

func (c class) union(o class) class {
	switch {
	case c == o || o == classConstant:
		return c
	case c == classConstant:
		return o
	default:
		return classProof
	}
}

// term is coefficient * wire of a linear expression. It stands in bundles as it is.
type term struct{ coefficient, wire uint32 }

// row is left * right = output: the terms from first to right, from right to output, and from output to end. It stands in bundles as
// it is.
type row struct{ first, right, output, end uint32 }

// linear is whether the row holds no product at all: such a row costs nothing in the quotient.
func (r *row) linear() bool { return r.first == r.output }

type stepKind uint32

const (
	stepOutput   stepKind = iota // the wire is in the row's output: left*right minus the rest, over its coefficient
	stepLeft                     // the wire is on the left
	stepRight                    // the wire is on the right
	stepCheck                    // nothing is left to solve
	stepSign                     // circuits.signHint
	stepBits                     // circuits.bitsHint
	stepQuotient                 // circuits.quotientHint
	stepInverse                  // circuits.inverseHint
	stepKinds
)

// step solves the wires of one instruction. It stands in bundles as it is.
type step struct {
	// scale is the inverse of the wire's coefficient, of the kinds with a row; the divisor of a quotient.
	scale fr.Element
	// least is what a quotient is at least.
	least fr.Element
	kind  stepKind
	row   uint32 // of the kinds with a row
	wire  uint32 // to solve, or the first output of a hint
	count uint32 // of outputs
	// A hint's input is the sum of the terms from first to end.
	first, end uint32
}

// program is a constraint system compiled for solving: rows with their terms, and the order in which wires become known. It is
// immutable, and made of arrays that a bundle has as they stand in memory.
type program struct {
	public       int // public wires, the constant one included
	inputs       int // these and the secret inputs
	wires        int
	terms        []term
	rows         []row
	steps        []step
	coefficients []fr.Element
	class        []class     // by wire
	bit          []bit       // by wire: 1 if a row makes it boolean
	full         []bool      // by public wire: may be any field element
	special      []uint8     // by coefficient: what multiplying by it takes
	byPart       [2][]uint32 // wires of the round, and of the account
}

// bit is 1 or 0: a bool has no other representation, which a file cannot promise.
type bit uint8

const (
	specialGeneral uint8 = iota
	specialZero
	specialOne
	specialMinusOne
	specialTwo
)

// compile flattens a constraint system. roundWires and accountWires are half-open ranges of public wires by class.
func compile(system *cs.R1CS, roundWires, accountWires [2]int) (*program, error) {
	public := system.GetNbPublicVariables()
	inputs := public + system.GetNbSecretVariables()
	p := &program{
		public:       public,
		inputs:       inputs,
		wires:        inputs + system.GetNbInternalVariables(),
		coefficients: slices.Clone(system.Coefficients),
		rows:         make([]row, 0, system.GetNbConstraints()),
	}
	p.class = make([]class, p.wires)
	p.bit = make([]bit, p.wires)
	p.derive()
	known := make([]bool, p.wires)
	for w := range inputs {
		known[w] = true
		switch {
		case w == 0:
			p.class[w] = classConstant
		case w >= roundWires[0] && w < roundWires[1]:
			p.class[w] = classRound
		case w >= accountWires[0] && w < accountWires[1]:
			p.class[w] = classAccount
		default:
			p.class[w] = classProof
		}
	}
	for _, packed := range system.Instructions {
		instruction := packed.Unpack(&system.System)
		switch blueprint := system.Blueprints[packed.BlueprintID].(type) {
		case constraint.BlueprintR1C:
			var r constraint.R1C
			blueprint.DecompressR1C(&r, instruction)
			if err := p.addRow(&r, known); err != nil {
				return nil, err
			}
		case constraint.BlueprintHint:
			var h constraint.HintMapping
			blueprint.DecompressHint(&h, instruction)
			if err := p.addHint(&h, system, known); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("instruction of type %T", blueprint)
		}
	}
	if len(p.rows) != system.GetNbConstraints() {
		return nil, fmt.Errorf("%d rows instead of %d", len(p.rows), system.GetNbConstraints())
	}
	if slices.Contains(known, false) {
		return nil, errors.New("a wire without an instruction that solves it")
	}
	p.byPart = [2][]uint32{}
	p.derive()
	return p, nil
}

// derive computes what follows from the arrays of a bundle.
func (p *program) derive() {
	p.full = make([]bool, p.public)
	p.full[0], p.full[p.public-1] = true, true // the blinding is the last
	p.special = make([]uint8, len(p.coefficients))
	one := fr.One()
	var minusOne, two fr.Element
	minusOne.Neg(&one)
	two.Double(&one)
	for i := range p.coefficients {
		switch c := &p.coefficients[i]; {
		case c.IsZero():
			p.special[i] = specialZero
		case c.Equal(&one):
			p.special[i] = specialOne
		case c.Equal(&minusOne):
			p.special[i] = specialMinusOne
		case c.Equal(&two):
			p.special[i] = specialTwo
		}
	}
	for w, c := range p.class {
		switch c {
		case classRound:
			p.byPart[partRound] = append(p.byPart[partRound], uint32(w))
		case classAccount:
			p.byPart[partAccount] = append(p.byPart[partAccount], uint32(w))
		}
	}
}

func (p *program) left(r *row) []term   { return p.terms[r.first:r.right] }
func (p *program) right(r *row) []term  { return p.terms[r.right:r.output] }
func (p *program) output(r *row) []term { return p.terms[r.output:r.end] }

// add appends the terms of an expression.
func (p *program) add(l constraint.LinearExpression) {
	for _, t := range l {
		wire := uint32(t.WireID())
		if t.IsConstant() {
			wire = 0
		}
		if p.special[t.CoeffID()] != specialZero {
			p.terms = append(p.terms, term{uint32(t.CoeffID()), wire})
		}
	}
}

func (p *program) addRow(r *constraint.R1C, known []bool) error {
	index := uint32(len(p.rows))
	compiled := row{first: uint32(len(p.terms))}
	p.add(r.L)
	compiled.right = uint32(len(p.terms))
	p.add(r.R)
	compiled.output = uint32(len(p.terms))
	p.add(r.O)
	compiled.end = uint32(len(p.terms))
	p.rows = append(p.rows, compiled)
	s := step{kind: stepCheck, row: index}
	found := 0
	depends := classConstant
	for kind, side := range [][]term{stepLeft: p.left(&compiled), stepRight: p.right(&compiled), stepOutput: p.output(&compiled)} {
		for _, t := range side {
			if int(t.wire) >= p.wires {
				return fmt.Errorf("row %d names wire %d of %d", index, t.wire, p.wires)
			}
			if known[t.wire] {
				depends = depends.union(p.class[t.wire])
				continue
			}
			found++
			s.kind, s.wire, s.count = stepKind(kind), t.wire, 1
			s.scale.Inverse(&p.coefficients[t.coefficient])
		}
	}
	if found > 1 {
		return fmt.Errorf("row %d has %d wires to solve", index, found)
	}
	if found == 1 {
		known[s.wire] = true
		p.class[s.wire] = depends
	} else if wire, ok := p.boolean(&compiled); ok {
		p.bit[wire] = 1
	}
	p.steps = append(p.steps, s)
	return nil
}

// boolean recognises (1-w)*w = 0.
func (p *program) boolean(r *row) (wire uint32, ok bool) {
	left, right := p.left(r), p.right(r)
	if r.output != r.end || len(left) != 2 || len(right) != 1 {
		return 0, false
	}
	w := right[0]
	if w.wire == 0 || p.special[w.coefficient] != specialOne {
		return 0, false
	}
	var constant, bit bool
	for _, t := range left {
		constant = constant || t.wire == 0 && p.special[t.coefficient] == specialOne
		bit = bit || t.wire == w.wire && p.special[t.coefficient] == specialMinusOne
	}
	return w.wire, constant && bit
}

// hints of package circuits, all of which are computed here without gnark and big.Int. The names are gnark's.
var hints = map[string]struct {
	kind   stepKind
	inputs int
}{
	"plimsoll.io/circuits.signHint":     {stepSign, 1},
	"plimsoll.io/circuits.bitsHint":     {stepBits, 1},
	"plimsoll.io/circuits.quotientHint": {stepQuotient, 3},
	"plimsoll.io/circuits.inverseHint":  {stepInverse, 1},
}

func (p *program) addHint(h *constraint.HintMapping, system *cs.R1CS, known []bool) error {
	name := system.MHintsDependencies[h.HintID]
	hint, ok := hints[name]
	if !ok || len(h.Inputs) != hint.inputs {
		return fmt.Errorf("hint %q with %d inputs is not known", name, len(h.Inputs))
	}
	s := step{kind: hint.kind, wire: h.OutputRange.Start, count: h.OutputRange.End - h.OutputRange.Start, first: uint32(len(p.terms))}
	if int(h.OutputRange.End) > p.wires || h.OutputRange.Start >= h.OutputRange.End {
		return fmt.Errorf("a hint solves wires %d to %d of %d", h.OutputRange.Start, h.OutputRange.End, p.wires)
	}
	p.add(h.Inputs[0])
	s.end = uint32(len(p.terms))
	depends := classConstant
	for _, t := range p.terms[s.first:s.end] {
		if int(t.wire) >= p.wires || !known[t.wire] {
			return fmt.Errorf("a hint needs wire %d, which is not solved yet", t.wire)
		}
		depends = depends.union(p.class[t.wire])
	}
	if s.kind == stepQuotient {
		for i, constant := range []*fr.Element{&s.scale, &s.least} {
			for _, t := range h.Inputs[1+i] {
				if !t.IsConstant() && t.WireID() != 0 {
					return errors.New("the divisor or the least value of a quotient is not constant")
				}
				constant.Add(constant, &p.coefficients[t.CoeffID()])
			}
		}
	}
	for w := s.wire; w < s.wire+s.count; w++ {
		known[w] = true
		p.class[w] = depends
	}
	if err := s.check(); err != nil {
		return err
	}
	p.steps = append(p.steps, s)
	return nil
}

// check makes sure that the outputs of a hint are as many as it has.
func (s *step) check() error {
	switch s.kind {
	case stepQuotient:
		if limbs, negative := magnitude(&s.scale); negative || limbs == [4]uint64{} || s.split() > int(s.count) {
			return errors.New("a quotient without a divisor")
		}
	case stepInverse:
		if s.count != 1 {
			return errors.New("an inverse of several wires")
		}
	}
	return nil
}

// split is how many bits the remainder of a quotient has.
func (s *step) split() int {
	limbs, _ := magnitude(&s.scale)
	return bitLength(decrement(limbs))
}

func bitLength(limbs [4]uint64) int {
	for i := 3; i >= 0; i-- {
		if limbs[i] != 0 {
			return 64*i + bits.Len64(limbs[i])
		}
	}
	return 0
}

func decrement(limbs [4]uint64) [4]uint64 {
	for i := range limbs {
		limbs[i]--
		if limbs[i] != ^uint64(0) {
			break
		}
	}
	return limbs
}

// assignment is a solved witness: every wire, and left and right of every row. It is secret.
type assignment struct {
	wires               fr.Vector // by wire
	left, right, output fr.Vector // by row
}

func (a *assignment) wipe() {
	clear(a.wires)
	clear(a.left)
	clear(a.right)
	clear(a.output)
}

// errUnsatisfied is a row that does not hold.
var errUnsatisfied = errors.New("a row does not hold")

// solve computes all wires from the inputs, which stand in a.wires already (the constant one included), and all rows, and checks
// each of them. It returns errUnsatisfied, or the error of a hint.
func (p *program) solve(a *assignment) error {
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind >= stepSign {
			x := p.evaluate(p.terms[s.first:s.end], a.wires)
			out := a.wires[s.wire : s.wire+s.count]
			switch s.kind {
			case stepInverse:
				out[0].Inverse(&x) // of zero it is zero
			case stepQuotient:
				if err := s.divide(&x, out); err != nil {
					return err
				}
			default:
				if err := decompose(&x, out, s.kind == stepSign); err != nil {
					return err
				}
			}
			continue
		}
		r := &p.rows[s.row]
		left, right := &a.left[s.row], &a.right[s.row]
		var wire fr.Element
		switch s.kind {
		case stepOutput:
			// The wire is still zero, so evaluate leaves it out.
			*left, *right = p.evaluate(p.left(r), a.wires), p.evaluate(p.right(r), a.wires)
			rest := p.evaluate(p.output(r), a.wires)
			wire.Mul(left, right)
			a.output[s.row] = wire
			wire.Sub(&wire, &rest)
		case stepLeft:
			*left, *right = p.evaluate(p.left(r), a.wires), p.evaluate(p.right(r), a.wires)
			a.output[s.row] = p.evaluate(p.output(r), a.wires)
			if right.IsZero() {
				break // the check below decides
			}
			wire.Div(&a.output[s.row], right)
			wire.Sub(&wire, left)
			left.Add(left, &wire)
		case stepRight:
			*left, *right = p.evaluate(p.left(r), a.wires), p.evaluate(p.right(r), a.wires)
			a.output[s.row] = p.evaluate(p.output(r), a.wires)
			if left.IsZero() {
				break
			}
			wire.Div(&a.output[s.row], left)
			wire.Sub(&wire, right)
			right.Add(right, &wire)
		case stepCheck:
			*left, *right = p.evaluate(p.left(r), a.wires), p.evaluate(p.right(r), a.wires)
			a.output[s.row] = p.evaluate(p.output(r), a.wires)
			continue
		}
		wire.Mul(&wire, &s.scale)
		a.wires[s.wire] = wire
	}
	var product fr.Element
	for i := range p.rows {
		if p.rows[i].linear() {
			if !a.output[i].IsZero() {
				return errUnsatisfied
			}
			continue
		}
		if !product.Mul(&a.left[i], &a.right[i]).Equal(&a.output[i]) {
			return errUnsatisfied
		}
	}
	return nil
}

func (p *program) evaluate(terms []term, wires fr.Vector) (sum fr.Element) {
	var product fr.Element
	for _, t := range terms {
		value := &wires[t.wire]
		switch p.special[t.coefficient] {
		case specialOne:
			sum.Add(&sum, value)
		case specialMinusOne:
			sum.Sub(&sum, value)
		default:
			if value.IsZero() {
				continue
			}
			product.Mul(&p.coefficients[t.coefficient], value)
			sum.Add(&sum, &product)
		}
	}
	return sum
}

// magnitude is the representative of least absolute value, as a sign and four little-endian limbs.
func magnitude(x *fr.Element) (limbs [4]uint64, negative bool) {
	limbs = x.Bits()
	for i := 3; i >= 0; i-- {
		if limbs[i] != halfModulus[i] {
			if limbs[i] < halfModulus[i] {
				return limbs, false
			}
			var n fr.Element
			n.Neg(x)
			return n.Bits(), true
		}
	}
	return limbs, false
}

// halfModulus is (r-1)/2.
var halfModulus = words(new(big.Int).Rsh(fr.Modulus(), 1))

// decompose does what the hints of package circuits do, without big.Int: a value's bits, or its sign and the bits of x or -x-1.
func decompose(x *fr.Element, out fr.Vector, signed bool) error {
	limbs, negative := magnitude(x)
	if signed {
		if negative {
			out[0].SetZero()
			limbs = decrement(limbs) // -x - 1
		} else {
			out[0].SetOne()
		}
		out = out[1:]
	} else if negative {
		return errUnsatisfied
	}
	return setBits(limbs, out)
}

// setBits writes the bits of an integer. It is errUnsatisfied when there is no room for all.
func setBits(limbs [4]uint64, out fr.Vector) error {
	one := fr.One()
	for i := range out {
		if i < 256 && limbs[i/64]>>(i%64)&1 == 1 {
			out[i] = one
		} else {
			out[i].SetZero()
		}
	}
	for i := len(out); i < 256; i = i/64*64 + 64 {
		if limbs[i/64]>>(i%64) != 0 {
			return errUnsatisfied
		}
	}
	return nil
}

// divide writes the bits of the remainder of x by the divisor, rounded down, and those of the quotient less the least one.
func (s *step) divide(x *fr.Element, out fr.Vector) error {
	limbs, negative := magnitude(x)
	divisor, _ := magnitude(&s.scale)
	var quotient, remainder [4]uint64
	if divisor[1]|divisor[2]|divisor[3] == 0 {
		var rest uint64
		for i := 3; i >= 0; i-- {
			quotient[i], rest = bits.Div64(rest, limbs[i], divisor[0])
		}
		remainder[0] = rest
	} else {
		q, r := new(big.Int).QuoRem(integer(limbs), integer(divisor), new(big.Int))
		quotient, remainder = words(q), words(r)
	}
	var value, rounded fr.Element
	setLimbs(&value, &quotient)
	if negative {
		value.Neg(&value)
		if remainder != [4]uint64{} {
			rounded.SetOne()
			value.Sub(&value, &rounded)
			remainder = minus(&divisor, &remainder)
		}
	}
	split := s.split()
	if err := setBits(remainder, out[:split]); err != nil {
		return err
	}
	value.Sub(&value, &s.least)
	return decompose(&value, out[split:], false)
}

// setLimbs is for integers below the modulus.
func setLimbs(e *fr.Element, limbs *[4]uint64) {
	var bytes [fr.Bytes]byte
	for i, limb := range limbs {
		binary.LittleEndian.PutUint64(bytes[8*i:], limb)
	}
	*e, _ = fr.LittleEndian.Element(&bytes)
}

func integer(limbs [4]uint64) *big.Int {
	x := new(big.Int)
	for i := 3; i >= 0; i-- {
		x.Lsh(x, 64).Or(x, new(big.Int).SetUint64(limbs[i]))
	}
	return x
}

func words(x *big.Int) (limbs [4]uint64) {
	for i, word := range x.Bits() {
		limbs[i] = uint64(word)
	}
	return limbs
}
