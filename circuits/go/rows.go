package circuits

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"
)

func init() { solver.RegisterHint(signHint, bitsHint, inverseHint, quotientHint) }

// ErrUnsatisfied is why a portfolio that does not meet the margin rule has no wire vector.
var ErrUnsatisfied = errors.New("an assertion of the model does not hold")

// Limits of a circuit. A model is small beside its circuit: a few megabytes can ask for hundreds of millions of rows,
// and running out of memory ends the whole process. Variables for the tests only.
var (
	maxRows = 1 << 22
	// maxParts counts the terms of all rows together with those of the expressions behind them.
	maxParts = 1 << 26
)

// tooLarge is what rows panics with beyond a limit, long before the memory is used up; lower recovers it.
type tooLarge struct {
	limit int
	of    string
}

// rows writes wires and constraints into gnark's constraint system, and knows which wires depend on
// the holdings.
type rows struct {
	system  *cs.R1CS
	generic constraint.BlueprintID
	public  int    // public wires, the constant included
	private []bool // by wire: depends on holdings or blinding
	simple  []bool // by wire: an input, a choice or a bit
	stands  []bool // by public wire and choice: has a coefficient in some row
	parts   int    // terms written so far
}

// spend counts terms before they are allocated.
func (r *rows) spend(parts int) {
	if r.parts += parts; r.parts > maxParts {
		panic(tooLarge{maxParts, "terms in its rows and expressions"})
	}
}

func newRows(coefficients, holdings, choices, capacity int) *rows {
	r := &rows{system: cs.NewR1CS(capacity)}
	r.system.AddPublicVariable("1")
	r.generic = r.system.AddBlueprint(&constraint.BlueprintGenericR1C{})
	add := func(name string, private bool) {
		r.system.AddPublicVariable(name)
		r.private = append(r.private, private)
		r.simple = append(r.simple, true)
	}
	r.private = append(r.private, false)
	r.simple = append(r.simple, true)
	add("context", true)
	add("N", false)
	add("D", false)
	for i := range coefficients {
		add(indexed("coefficient", i), false)
	}
	for i := range holdings {
		add(indexed("holding", i), true)
	}
	add("blinding", true)
	r.public = len(r.private)
	for i := range choices {
		r.system.AddSecretVariable(indexed("choice", i))
		r.private = append(r.private, true)
		r.simple = append(r.simple, true)
	}
	r.stands = make([]bool, r.public+choices)
	return r
}

func (r *rows) dependsOnHoldings(l linear) bool {
	for _, p := range l {
		if r.private[p.wire] {
			return true
		}
	}
	return false
}

// isSimple says whether an expression has nothing but inputs, choices and bits: what a proof costs does not grow
// when these stand in one more row.
func (r *rows) isSimple(l linear) bool {
	for _, p := range l {
		if !r.simple[p.wire] {
			return false
		}
	}
	return true
}

func (r *rows) convert(l linear) constraint.LinearExpression {
	r.spend(len(l))
	result := make(constraint.LinearExpression, len(l))
	for i, p := range l {
		var c constraint.U64
		copy(c[:], p.coefficient[:])
		result[i] = r.system.MakeTerm(c, int(p.wire))
		if int(p.wire) < len(r.stands) {
			r.stands[p.wire] = true
		}
	}
	return result
}

// row constrains left * right = output.
func (r *rows) row(left, right, output linear) {
	if r.system.GetNbConstraints() >= maxRows {
		panic(tooLarge{maxRows, "rows"})
	}
	r.system.AddR1C(constraint.R1C{L: r.convert(left), R: r.convert(right), O: r.convert(output)}, r.generic)
}

// solved makes a wire whose value follows from the next row.
func (r *rows) solved(private bool) uint32 {
	r.private = append(r.private, private)
	r.simple = append(r.simple, false)
	return uint32(r.system.AddInternalVariable())
}

// hinted makes count wires whose values a hint computes from the expressions.
func (r *rows) hinted(hint solver.Hint, count int, inputs ...linear) []uint32 {
	// The hint's inputs are no row, but the row that follows always has the same wires.
	var converted []constraint.LinearExpression
	private := false
	for _, input := range inputs {
		converted = append(converted, r.convert(input))
		private = private || r.dependsOnHoldings(input)
	}
	wires, err := r.system.AddSolverHint(hint, solver.GetHintID(hint), converted, count)
	if err != nil {
		panic(fmt.Sprintf("hint: %v", err)) // count is positive and the names are unique
	}
	result := make([]uint32, count)
	for i, w := range wires {
		result[i] = uint32(w)
		r.private = append(r.private, private)
		r.simple = append(r.simple, false)
	}
	return result
}

func (r *rows) boolean(bit uint32) {
	r.simple[bit] = true
	r.row(constantOf(fr.One()).minus(wireOf(bit)), wireOf(bit), nil)
}

// product is the wire left * right. A factor that does not depend on the holdings stands on the left.
func (r *rows) product(left, right linear) uint32 {
	if !r.dependsOnHoldings(right) && r.dependsOnHoldings(left) {
		left, right = right, left
	}
	w := r.solved(r.dependsOnHoldings(left) || r.dependsOnHoldings(right))
	r.row(left, right, wireOf(w))
	return w
}

// own is a wire equal to the expression. The expression stands in C alone.
func (r *rows) own(l linear) uint32 {
	w := r.solved(r.dependsOnHoldings(l))
	r.row(nil, nil, l.minus(wireOf(w)))
	return w
}

// sign makes the sign gadget: bit = 1 iff x >= 0, and |x|. It needs x = y or -y-1 with y in [0, 2^width).
func (r *rows) sign(x linear, width int) (bit uint32, magnitude linear) {
	wires := r.hinted(signHint, width+1, x)
	bit = wires[0]
	r.boolean(bit)
	two := fr.NewElement(2)
	magnitude = r.bits(wires[1:]).plus(constantOf(fr.One())).minus(wireOf(bit))
	r.row(x, wireOf(bit).scaled(two).minus(constantOf(fr.One())), magnitude)
	return bit, magnitude
}

// assertNonNegative shows x in [0, 2^width).
func (r *rows) assertNonNegative(x linear, width int) {
	var wires []uint32
	if width > 0 {
		wires = r.hinted(bitsHint, width, x)
	}
	r.row(nil, nil, r.bits(wires).minus(x))
}

// assertUpTo shows x in [0, bound], for a bound of at least 1, and says by how many bits.
func (r *rows) assertUpTo(x linear, bound *big.Int) int {
	width := bound.BitLen()
	r.row(nil, nil, r.bitsUpTo(bound, r.hinted(bitsHint, width, x)).minus(x))
	return width
}

// bits constrains each wire to be boolean and adds them up, lowest first.
func (r *rows) bits(wires []uint32) linear {
	sum := make(linear, len(wires))
	power := fr.One()
	for i, w := range wires {
		r.boolean(w)
		sum[i] = part{w, power}
		power.Double(&power)
	}
	return sum
}

// bitsUpTo constrains each wire to be boolean and their sum, lowest first, to be at most the bound, which has as many
// bits as there are wires. A bit where the bound has a 0 must be 0 as long as all higher bits where the bound has a 1 are
// 1: then the number would otherwise be larger. Below the bound's lowest 0 nothing can go wrong.
func (r *rows) bitsUpTo(bound *big.Int, wires []uint32) linear {
	lowestZero := 0
	for lowestZero < len(wires) && bound.Bit(lowestZero) == 1 {
		lowestZero++
	}
	sum := r.bits(wires[:lowestZero])
	equal := constantOf(fr.One()) // 1 iff all higher bits where the bound has a 1 are 1
	for i := len(wires) - 1; i >= lowestZero; i-- {
		bit := wireOf(wires[i])
		if bound.Bit(i) == 0 {
			r.simple[wires[i]] = true
			r.row(constantOf(fr.One()).minus(equal).minus(bit), bit, nil)
		} else {
			r.boolean(wires[i])
			if _, first := equal.constant(); first {
				equal = bit
			} else {
				equal = wireOf(r.product(equal, bit))
			}
		}
		sum = append(sum, part{wires[i], element(new(big.Int).Lsh(one, uint(i)))})
	}
	return collect(sum)
}

// roundDown is the quotient q of x = divisor*q + remainder, with the remainder in [0, divisor) and q in [least, least + 2^width). For
// an x inside divisor * [least, least + 2^width) there is one such pair of integers, and modulo the field's order r
// no other one because divisor * 2^width < r (docs/intervals.md).
func (r *rows) roundDown(x linear, divisor, least *big.Int, width int) (quotient linear, bits int) {
	greatest := new(big.Int).Sub(divisor, one)
	bits = greatest.BitLen() + width
	wires := r.hinted(quotientHint, bits, x, constantOf(element(divisor)), constantOf(element(least)))
	remainder := r.bitsUpTo(greatest, wires[:greatest.BitLen()])
	quotient = r.bits(wires[greatest.BitLen():]).plus(constantOf(element(least)))
	r.row(nil, nil, quotient.scaled(element(divisor)).plus(remainder).minus(x))
	return quotient, bits
}

// nonZero is a bit: 1 iff x is not 0.
func (r *rows) nonZero(x linear) uint32 {
	inverse := r.hinted(inverseHint, 1, x)[0]
	bit := r.solved(r.dependsOnHoldings(x))
	r.row(x, wireOf(inverse), wireOf(bit))
	r.row(x, constantOf(fr.One()).minus(wireOf(bit)), nil)
	return bit
}

// signed is the representative of least absolute value.
func signed(field, value *big.Int) *big.Int {
	if twice := new(big.Int).Lsh(value, 1); twice.Cmp(field) > 0 {
		return new(big.Int).Sub(value, field)
	}
	return new(big.Int).Set(value)
}

// signHint computes the bit and then the bits of y of the sign gadget.
func signHint(field *big.Int, inputs, outputs []*big.Int) error {
	y := signed(field, inputs[0])
	if y.Sign() >= 0 {
		outputs[0].SetUint64(1)
	} else {
		outputs[0].SetUint64(0)
		y.Not(y) // -y - 1
	}
	return setBits(y, outputs[1:], errors.New("a value exceeds the interval that the model gives it"))
}

// bitsHint computes the bits of a non-negative number.
func bitsHint(field *big.Int, inputs, outputs []*big.Int) error {
	return setBits(signed(field, inputs[0]), outputs, ErrUnsatisfied)
}

// quotientHint computes from x, the divisor and the least quotient the bits of the remainder and then those of the quotient
// less the least one.
func quotientHint(field *big.Int, inputs, outputs []*big.Int) error {
	divisor := inputs[1]
	quotient, remainder := new(big.Int).DivMod(signed(field, inputs[0]), divisor, new(big.Int))
	quotient.Sub(quotient, signed(field, inputs[2]))
	split := new(big.Int).Sub(divisor, one).BitLen()
	tooLong := errors.New("a value exceeds the interval that the model gives it")
	return errors.Join(setBits(remainder, outputs[:split], tooLong), setBits(quotient, outputs[split:], tooLong))
}

func setBits(y *big.Int, outputs []*big.Int, tooLong error) error {
	if y.Sign() < 0 || y.BitLen() > len(outputs) {
		for _, o := range outputs {
			o.SetUint64(0) // gnark stores the outputs of a failed hint
		}
		return tooLong
	}
	for i, o := range outputs {
		o.SetUint64(uint64(y.Bit(i)))
	}
	return nil
}

func inverseHint(field *big.Int, inputs, outputs []*big.Int) error {
	if inputs[0].Sign() == 0 {
		outputs[0].SetUint64(0)
	} else {
		outputs[0].ModInverse(inputs[0], field)
	}
	return nil
}
