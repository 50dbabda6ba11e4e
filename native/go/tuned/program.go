package tuned

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"
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

// term is coefficient * wire of a linear expression.
type term struct{ coefficient, wire uint32 }

// row is left * right = output.
type row struct{ left, right, output []term }

// linear is whether the row holds no product at all: such a row costs nothing in the quotient.
func (r *row) linear() bool { return len(r.left) == 0 && len(r.right) == 0 }

type stepKind uint8

const (
	stepOutput stepKind = iota // the wire is in the row's output: left*right minus the rest, over its coefficient
	stepLeft                   // the wire is on the left
	stepRight                  // the wire is on the right
	stepCheck                  // nothing is left to solve
	stepSign                   // circuits.signHint
	stepBits                   // circuits.bitsHint
	stepHint                   // any other hint, through big.Int
)

// step solves the wires of one instruction.
type step struct {
	kind   stepKind
	row    uint32     // of the row kinds
	wire   uint32     // to solve, or the first output of a hint
	count  uint32     // of outputs
	scale  fr.Element // inverse of the wire's coefficient, up to sign: see compileRow
	inputs [][]term   // of hints
	hint   solver.Hint
}

// program is a constraint system compiled for solving: rows with their terms in place, and the order in which wires become known.
// It is immutable.
type program struct {
	public       int // public wires, the constant one included
	inputs       int // these and the secret inputs
	wires        int
	rows         []row
	steps        []step
	coefficients []fr.Element
	special      []uint8     // by coefficient: what multiplying by it takes
	class        []class     // by wire
	bit          []bool      // by wire: a row makes it boolean
	full         []bool      // by public wire: may be any field element
	byPart       [2][]uint32 // wires of the round, and of the account
}

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
	p.bit = make([]bool, p.wires)
	p.full = make([]bool, public)
	p.full[0], p.full[public-1] = true, true // the blinding is the last
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
	for w, c := range p.class {
		switch c {
		case classRound:
			p.byPart[partRound] = append(p.byPart[partRound], uint32(w))
		case classAccount:
			p.byPart[partAccount] = append(p.byPart[partAccount], uint32(w))
		}
	}
	return p, nil
}

func (p *program) terms(l constraint.LinearExpression) []term {
	result := make([]term, 0, len(l))
	for _, t := range l {
		wire := uint32(t.WireID())
		if t.IsConstant() {
			wire = 0
		}
		if p.special[t.CoeffID()] != specialZero {
			result = append(result, term{uint32(t.CoeffID()), wire})
		}
	}
	return result
}

func (p *program) addRow(r *constraint.R1C, known []bool) error {
	index := uint32(len(p.rows))
	compiled := row{p.terms(r.L), p.terms(r.R), p.terms(r.O)}
	p.rows = append(p.rows, compiled)
	s := step{kind: stepCheck, row: index}
	found := 0
	depends := classConstant
	for kind, side := range map[stepKind][]term{stepLeft: compiled.left, stepRight: compiled.right, stepOutput: compiled.output} {
		for _, t := range side {
			if int(t.wire) >= p.wires {
				return fmt.Errorf("row %d names wire %d of %d", index, t.wire, p.wires)
			}
			if known[t.wire] {
				depends = depends.union(p.class[t.wire])
				continue
			}
			found++
			s.kind, s.wire, s.count = kind, t.wire, 1
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
		p.bit[wire] = true
	}
	p.steps = append(p.steps, s)
	return nil
}

// boolean recognises (1-w)*w = 0.
func (p *program) boolean(r *row) (wire uint32, ok bool) {
	if len(r.output) != 0 || len(r.left) != 2 || len(r.right) != 1 {
		return 0, false
	}
	w := r.right[0]
	if w.wire == 0 || p.special[w.coefficient] != specialOne {
		return 0, false
	}
	var constant, bit bool
	for _, t := range r.left {
		constant = constant || t.wire == 0 && p.special[t.coefficient] == specialOne
		bit = bit || t.wire == w.wire && p.special[t.coefficient] == specialMinusOne
	}
	return w.wire, constant && bit
}

func (p *program) addHint(h *constraint.HintMapping, system *cs.R1CS, known []bool) error {
	s := step{kind: stepHint, wire: h.OutputRange.Start, count: h.OutputRange.End - h.OutputRange.Start}
	if int(h.OutputRange.End) > p.wires || h.OutputRange.Start >= h.OutputRange.End {
		return fmt.Errorf("a hint solves wires %d to %d of %d", h.OutputRange.Start, h.OutputRange.End, p.wires)
	}
	depends := classConstant
	for _, input := range h.Inputs {
		terms := p.terms(input)
		for _, t := range terms {
			if !known[t.wire] {
				return fmt.Errorf("a hint needs wire %d, which is not solved yet", t.wire)
			}
			depends = depends.union(p.class[t.wire])
		}
		s.inputs = append(s.inputs, terms)
	}
	for w := s.wire; w < s.wire+s.count; w++ {
		known[w] = true
		p.class[w] = depends
	}
	// The two hints of bit decompositions are most of all; the names are those of package circuits.
	switch name := system.MHintsDependencies[h.HintID]; {
	case len(s.inputs) == 1 && strings.HasSuffix(name, "plimsoll.io/circuits.signHint"):
		s.kind = stepSign
	case len(s.inputs) == 1 && strings.HasSuffix(name, "plimsoll.io/circuits.bitsHint"):
		s.kind = stepBits
	default:
		if s.hint = solver.GetRegisteredHint(h.HintID); s.hint == nil {
			return fmt.Errorf("hint %q is not registered", name)
		}
	}
	p.steps = append(p.steps, s)
	return nil
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
		switch s.kind {
		case stepSign, stepBits:
			x := p.evaluate(s.inputs[0], a.wires)
			if err := decompose(&x, a.wires[s.wire:s.wire+s.count], s.kind == stepSign); err != nil {
				return err
			}
			continue
		case stepHint:
			if err := p.callHint(s, a.wires); err != nil {
				return err
			}
			continue
		}
		r := &p.rows[s.row]
		left, right := &a.left[s.row], &a.right[s.row]
		var wire fr.Element
		switch s.kind {
		case stepOutput:
			// The wire is still zero, so evaluate leaves it out.
			*left, *right = p.evaluate(r.left, a.wires), p.evaluate(r.right, a.wires)
			rest := p.evaluate(r.output, a.wires)
			wire.Mul(left, right)
			a.output[s.row] = wire
			wire.Sub(&wire, &rest)
		case stepLeft:
			*left, *right = p.evaluate(r.left, a.wires), p.evaluate(r.right, a.wires)
			a.output[s.row] = p.evaluate(r.output, a.wires)
			if right.IsZero() {
				break // the check below decides
			}
			wire.Div(&a.output[s.row], right)
			wire.Sub(&wire, left)
			left.Add(left, &wire)
		case stepRight:
			*left, *right = p.evaluate(r.left, a.wires), p.evaluate(r.right, a.wires)
			a.output[s.row] = p.evaluate(r.output, a.wires)
			if left.IsZero() {
				break
			}
			wire.Div(&a.output[s.row], left)
			wire.Sub(&wire, right)
			right.Add(right, &wire)
		case stepCheck:
			*left, *right = p.evaluate(r.left, a.wires), p.evaluate(r.right, a.wires)
			a.output[s.row] = p.evaluate(r.output, a.wires)
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
var halfModulus = func() (limbs [4]uint64) {
	half := new(big.Int).Rsh(fr.Modulus(), 1)
	for i, word := range half.Bits() {
		limbs[i] = uint64(word)
	}
	return limbs
}()

// decompose does what the hints of package circuits do, without big.Int: a value's bits, or its sign and the bits of x or -x-1.
func decompose(x *fr.Element, out fr.Vector, signed bool) error {
	limbs, negative := magnitude(x)
	if signed {
		if negative {
			out[0].SetZero()
			// -x - 1
			for i := range limbs {
				limbs[i]--
				if limbs[i] != ^uint64(0) {
					break
				}
			}
		} else {
			out[0].SetOne()
		}
		out = out[1:]
	} else if negative {
		return errUnsatisfied
	}
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

func (p *program) callHint(s *step, wires fr.Vector) error {
	inputs, outputs := make([]*big.Int, len(s.inputs)), make([]*big.Int, s.count)
	for i := range inputs {
		x := p.evaluate(s.inputs[i], wires)
		inputs[i] = x.BigInt(new(big.Int))
	}
	for i := range outputs {
		outputs[i] = new(big.Int)
	}
	if err := s.hint(fr.Modulus(), inputs, outputs); err != nil {
		return err
	}
	for i := range outputs {
		wires[int(s.wire)+i].SetBigInt(outputs[i])
	}
	return nil
}
