package reference_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// vectorFile has what gnark-crypto computes on BN254, from the prime field to the pairing. The verifier's GnarkVectorsTest reads it.
const vectorFile = "../../../docs/vectors/bn254-gnark.txt"

const vectorHeader = `# What gnark-crypto computes on BN254; the verifier must compute the same. A line is an operation, its operands and its result.
# Numbers are 32 bytes in hexadecimal. Elements of Fp2: real part, imaginary part. Of Fp6 and Fp12: the coordinates of 1, v, v^2 and of
# 1, v, v^2, w, vw, v^2 w, each in Fp2. Points: x and y, or "infinity". "none": there is no such thing, "refused": it is no point.
# native/go/reference/vectors_test.go writes this file anew with PLIMSOLL_WRITE_VECTORS=1 and compares it in every run of the tests.
`

// vectors makes the same pseudorandom operands in every run.
type vectors struct {
	out   strings.Builder
	drawn uint64
}

func (v *vectors) line(operation string, words ...string) {
	fmt.Fprintf(&v.out, "%s %s\n", operation, strings.Join(words, " "))
}

func (v *vectors) draw() []byte {
	v.drawn++
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], v.drawn)
	first, second := sha256.Sum256(append([]byte("bn254 0 "), seed[:]...)), sha256.Sum256(append([]byte("bn254 1 "), seed[:]...))
	return append(first[:], second[:]...)
}

func (v *vectors) number() *big.Int { return new(big.Int).SetBytes(v.draw()) }

func (v *vectors) fp() (x fp.Element) {
	x.SetBigInt(v.number())
	return x
}

func (v *vectors) e2() bn254.E2 { return bn254.E2{A0: v.fp(), A1: v.fp()} }

func (v *vectors) e6() bn254.E6 { return bn254.E6{B0: v.e2(), B1: v.e2(), B2: v.e2()} }

func (v *vectors) e12() bn254.E12 { return bn254.E12{C0: v.e6(), C1: v.e6()} }

func (v *vectors) scalar() *big.Int { return new(big.Int).Mod(v.number(), fr.Modulus()) }

func (v *vectors) g1() (p bn254.G1Affine) {
	p.ScalarMultiplicationBase(v.scalar())
	return p
}

func (v *vectors) g2() (p bn254.G2Affine) {
	p.ScalarMultiplicationBase(v.scalar())
	return p
}

// g2OnTwist is a point of the twist by its x; nearly always outside the subgroup.
func (v *vectors) g2OnTwist() (p bn254.G2Affine) {
	for {
		encoded := append(make([]byte, 0, 64), v.draw()...)
		encoded[0] = encoded[0]&0x1f | 0x80
		encoded[32] &= 0x1f
		if p, err := decodeG2(encoded); err == nil {
			return p
		}
	}
}

var errNotOnCurve = errors.New("not on the curve")

func decodeG1(encoded []byte) (p bn254.G1Affine, err error) {
	err = bn254.NewDecoder(bytes.NewReader(encoded), bn254.NoSubgroupChecks()).Decode(&p)
	if err == nil && !p.IsOnCurve() {
		err = errNotOnCurve
	}
	return p, err
}

// decodeG2 reads any point of the twist: the subgroup is another question.
func decodeG2(encoded []byte) (p bn254.G2Affine, err error) {
	err = bn254.NewDecoder(bytes.NewReader(encoded), bn254.NoSubgroupChecks()).Decode(&p)
	if err == nil && !p.IsOnCurve() {
		err = errNotOnCurve
	}
	return p, err
}

func word(x *big.Int) string { return fmt.Sprintf("%064x", x) }

func text(x *fp.Element) string { return fmt.Sprintf("%x", x.Marshal()) }

func text2(x *bn254.E2) string { return text(&x.A0) + text(&x.A1) }

func text6(x *bn254.E6) string { return text2(&x.B0) + text2(&x.B1) + text2(&x.B2) }

func text12(x *bn254.E12) string { return text6(&x.C0) + text6(&x.C1) }

func textG1(p *bn254.G1Affine) string {
	if p.IsInfinity() {
		return "infinity"
	}
	return text(&p.X) + text(&p.Y)
}

func textG2(p *bn254.G2Affine) string {
	if p.IsInfinity() {
		return "infinity"
	}
	return text2(&p.X) + text2(&p.Y)
}

// edges are the numbers at which an implementation is most likely to be wrong, then random ones.
func (v *vectors) edges(random int) (all []fp.Element) {
	half := new(big.Int).Rsh(fp.Modulus(), 1)
	for _, x := range []*big.Int{
		big.NewInt(0), big.NewInt(1), big.NewInt(2), big.NewInt(-1), big.NewInt(-2), half, new(big.Int).Add(half, big.NewInt(1)),
		new(big.Int).Lsh(big.NewInt(1), 54), new(big.Int).Lsh(big.NewInt(1), 216), new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 253), big.NewInt(1)),
	} {
		var e fp.Element
		e.SetBigInt(x)
		all = append(all, e)
	}
	for range random {
		all = append(all, v.fp())
	}
	return all
}

func (v *vectors) fields() {
	elements := v.edges(12)
	for i := range elements {
		x := &elements[i]
		for _, j := range []int{i, (i + 1) % len(elements), (i * 7) % len(elements)} {
			y := &elements[j]
			var sum, difference, product fp.Element
			sum.Add(x, y)
			difference.Sub(x, y)
			product.Mul(x, y)
			v.line("fp.add", text(x), text(y), text(&sum))
			v.line("fp.sub", text(x), text(y), text(&difference))
			v.line("fp.mul", text(x), text(y), text(&product))
		}
		var negative, square, inverse, root fp.Element
		v.line("fp.neg", text(x), text(negative.Neg(x)))
		v.line("fp.square", text(x), text(square.Square(x)))
		v.line("fp.invert", text(x), text(inverse.Inverse(x)))
		v.line("fp.larger", text(x), fmt.Sprint(x.LexicographicallyLargest()))
		if root.Sqrt(x) == nil {
			v.line("fp.sqrt", text(x), "none")
		} else {
			v.line("fp.sqrt", text(x), text(&root))
		}
	}
	for i := range 24 {
		x, y := v.e2(), v.e2()
		switch i {
		case 0:
			x = bn254.E2{}
		case 1:
			x.A1.SetZero()
		case 2:
			x.A0.SetZero()
		case 3:
			x = bn254.E2{A0: elements[3], A1: elements[4]}
			y = x
		}
		var z bn254.E2
		v.line("fp2.mul", text2(&x), text2(&y), text2(z.Mul(&x, &y)))
		v.line("fp2.square", text2(&x), text2(z.Square(&x)))
		v.line("fp2.invert", text2(&x), text2(z.Inverse(&x)))
		v.line("fp2.conjugate", text2(&x), text2(z.Conjugate(&x)))
		v.line("fp2.byxi", text2(&x), text2(z.MulByNonResidue(&x)))
		v.line("fp2.larger", text2(&x), fmt.Sprint(x.LexicographicallyLargest()))
		square := x
		if i%2 == 0 {
			square.Square(&x)
		}
		if square.Legendre() < 0 {
			v.line("fp2.sqrt", text2(&square), "none")
		} else {
			v.line("fp2.sqrt", text2(&square), text2(z.Sqrt(&square)))
		}
	}
	for range 8 {
		x, y := v.e6(), v.e6()
		var z bn254.E6
		v.line("fp6.mul", text6(&x), text6(&y), text6(z.Mul(&x, &y)))
	}
	for i := range 6 {
		x, y := v.e12(), v.e12()
		if i == 0 {
			x = bn254.E12{}
			x.C1.B2.A1.SetOne()
		}
		var z bn254.E12
		v.line("fp12.mul", text12(&x), text12(&y), text12(z.Mul(&x, &y)))
		v.line("fp12.square", text12(&x), text12(z.Square(&x)))
		v.line("fp12.invert", text12(&x), text12(z.Inverse(&x)))
		v.line("fp12.conjugate", text12(&x), text12(z.Conjugate(&x)))
		v.line("fp12.frobenius1", text12(&x), text12(z.Frobenius(&x)))
		v.line("fp12.frobenius2", text12(&x), text12(z.FrobeniusSquare(&x)))
		v.line("fp12.frobenius3", text12(&x), text12(z.FrobeniusCube(&x)))
		c0, c3, c4 := v.e2(), v.e2(), v.e2()
		z = x
		v.line("fp12.line", text12(&x), text2(&c0), text2(&c3), text2(&c4), text12(z.MulBy034(&c0, &c3, &c4)))
		z = x
		v.line("fp12.monicline", text12(&x), text2(&c3), text2(&c4), text12(z.MulBy34(&c3, &c4)))
		// Into the cyclotomic subgroup: to the power of (p^6 - 1)(p^2 + 1).
		var easy, t bn254.E12
		t.Inverse(&x)
		easy.Conjugate(&x)
		easy.Mul(&easy, &t)
		t.FrobeniusSquare(&easy)
		easy.Mul(&easy, &t)
		v.line("fp12.cyclotomicsquare", text12(&easy), text12(z.CyclotomicSquare(&easy)))
	}
}

func (v *vectors) curves() {
	var infinity bn254.G1Affine
	for i := range 6 {
		p, q := v.g1(), v.g1()
		var negative, sum bn254.G1Affine
		negative.Neg(&p)
		for _, pair := range [][2]*bn254.G1Affine{{&p, &q}, {&p, &p}, {&p, &negative}, {&p, &infinity}, {&infinity, &q}, {&infinity, &infinity}} {
			v.line("g1.add", textG1(pair[0]), textG1(pair[1]), textG1(sum.Add(pair[0], pair[1])))
		}
		v.line("g1.neg", textG1(&p), textG1(&negative))
		compressed, raw := p.Bytes(), p.RawBytes()
		v.line("g1.compressed", textG1(&p), fmt.Sprintf("%x", compressed))
		v.line("g1.uncompressed", textG1(&p), fmt.Sprintf("%x", raw))
		if i >= 3 {
			continue
		}
		v.decodings("g1.decode", compressed[:], func(in []byte) (string, error) {
			p, err := decodeG1(in)
			return textG1(&p), err
		})
		v.decodings("g1.decoderaw", raw[:], func(in []byte) (string, error) {
			p, err := decodeG1(in)
			return textG1(&p), err
		})
	}
	p := v.g1()
	order := fr.Modulus()
	for _, k := range []*big.Int{
		big.NewInt(0), big.NewInt(1), big.NewInt(2), big.NewInt(15), big.NewInt(16), new(big.Int).Sub(order, big.NewInt(1)), order,
		new(big.Int).Add(order, big.NewInt(1)), new(big.Int).Lsh(big.NewInt(1), 255), v.scalar(), v.scalar(), v.scalar(), v.scalar(),
	} {
		var product bn254.G1Affine
		v.line("g1.mul", textG1(&p), word(k), textG1(product.ScalarMultiplication(&p, k)))
	}
	for _, n := range []int{1, 2, 5, 17, 40} {
		points, signed, scalars := make([]bn254.G1Affine, n), make([]fr.Element, n), make([]fr.Element, n)
		words, long := make([]string, 0, 2*n), make([]string, 0, 2*n)
		for i := range n {
			points[i] = v.g1()
			if i%5 == 3 {
				points[i].Neg(&points[i-1])
			}
			small := int64(binary.BigEndian.Uint64(v.draw()))
			switch i % 7 {
			case 1:
				small = -1 << 63
			case 2:
				small = 1<<63 - 1
			case 4:
				small >>= 40
			}
			signed[i].SetInt64(small)
			k := v.scalar()
			scalars[i].SetBigInt(k)
			words = append(words, textG1(&points[i]), fmt.Sprint(small))
			long = append(long, textG1(&points[i]), word(k))
		}
		var sum bn254.G1Affine
		if _, err := sum.MultiExp(points, signed, ecc.MultiExpConfig{}); err != nil {
			panic(err)
		}
		v.line("g1.sum64", append(words, textG1(&sum))...)
		if _, err := sum.MultiExp(points, scalars, ecc.MultiExpConfig{}); err != nil {
			panic(err)
		}
		v.line("g1.sum", append(long, textG1(&sum))...)
	}
	for i := range 10 {
		q := v.g2()
		if i%2 == 1 {
			q = v.g2OnTwist()
		}
		var negative bn254.G2Affine
		v.line("g2.neg", textG2(&q), textG2(negative.Neg(&q)))
		v.line("g2.subgroup", textG2(&q), fmt.Sprint(q.IsInSubGroup()))
		compressed, raw := q.Bytes(), q.RawBytes()
		v.line("g2.compressed", textG2(&q), fmt.Sprintf("%x", compressed))
		v.line("g2.uncompressed", textG2(&q), fmt.Sprintf("%x", raw))
		if i >= 4 {
			continue
		}
		v.decodings("g2.decode", compressed[:], func(in []byte) (string, error) {
			p, err := decodeG2(in)
			return textG2(&p), err
		})
		v.decodings("g2.decoderaw", raw[:], func(in []byte) (string, error) {
			p, err := decodeG2(in)
			return textG2(&p), err
		})
	}
}

// decodings are a good encoding, and it with one thing changed: every flag, coordinates of p and more, a bit here and there, zeros.
func (v *vectors) decodings(operation string, good []byte, decode func([]byte) (string, error)) {
	inputs := [][]byte{good}
	for _, flags := range []byte{0x00, 0x40, 0x80, 0xc0} {
		changed := bytes.Clone(good)
		changed[0] = changed[0]&0x3f | flags
		zeros := make([]byte, len(good))
		zeros[0] = flags
		inputs = append(inputs, zeros)
		if !bytes.Equal(changed, good) {
			inputs = append(inputs, changed)
		}
	}
	for at := 0; at < len(good); at += 32 {
		for _, more := range []int64{0, 1} {
			changed := bytes.Clone(good)
			flags := changed[at] & 0xc0
			new(big.Int).Add(fp.Modulus(), big.NewInt(more)).FillBytes(changed[at : at+32])
			changed[at] |= flags
			inputs = append(inputs, changed)
		}
		changed := bytes.Clone(good)
		bit := v.draw()[0]
		changed[at+1+int(bit)%31] ^= 1 << (bit % 8)
		inputs = append(inputs, changed)
	}
	for _, in := range inputs {
		// The length is the flags' business: what is read uncompressed must have its flags so.
		if compressed := in[0]&0xc0 != 0; compressed != (good[0]&0xc0 != 0) {
			v.line(operation, fmt.Sprintf("%x", in), "refused")
			continue
		}
		point, err := decode(in)
		if err != nil {
			point = "refused"
		}
		v.line(operation, fmt.Sprintf("%x", in), point)
	}
}

func (v *vectors) pairings() {
	exponent := new(big.Int).Exp(fp.Modulus(), big.NewInt(12), nil)
	exponent.Sub(exponent, big.NewInt(1)).Div(exponent, fr.Modulus())
	// gnark's own final exponentiation is a fixed power of this one.
	x := new(big.Int).SetUint64(4965661367192848881)
	power := new(big.Int).Mul(big.NewInt(6), new(big.Int).Mul(x, x))
	power.Add(power, new(big.Int).Mul(big.NewInt(3), x)).Add(power, big.NewInt(1)).Mul(power, new(big.Int).Mul(big.NewInt(2), x))
	for range 4 {
		f := v.e12()
		var z bn254.E12
		v.line("finalexponentiation", text12(&f), text12(z.Exp(f, exponent)))
	}
	var sumP []bn254.G1Affine
	var sumQ []bn254.G2Affine
	for range 4 {
		p, q := v.g1(), v.g2()
		miller, err := bn254.MillerLoop([]bn254.G1Affine{p}, []bn254.G2Affine{q})
		if err != nil {
			panic(err)
		}
		var value, powered bn254.E12
		value.Exp(miller, exponent)
		theirs, err := bn254.Pair([]bn254.G1Affine{p}, []bn254.G2Affine{q})
		if err != nil {
			panic(err)
		}
		if powered.Exp(value, power); !powered.Equal(&theirs) {
			panic("gnark's pairing is not that power")
		}
		v.line("pairing", textG1(&p), textG2(&q), text12(&value))
		sumP, sumQ = append(sumP, p), append(sumQ, q)
		miller, err = bn254.MillerLoop(sumP, sumQ)
		if err != nil {
			panic(err)
		}
		var words []string
		for i := range sumP {
			words = append(words, textG1(&sumP[i]), textG2(&sumQ[i]))
		}
		v.line("product", append(words, text12(value.Exp(miller, exponent)))...)
	}
}

func TestVectorsAreThoseOfGnark(t *testing.T) {
	v := new(vectors)
	v.out.WriteString(vectorHeader)
	v.fields()
	v.curves()
	v.pairings()
	made := v.out.String()
	if os.Getenv("PLIMSOLL_WRITE_VECTORS") == "1" {
		if err := os.WriteFile(filepath.FromSlash(vectorFile), []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(filepath.FromSlash(vectorFile))
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != made {
		t.Fatal(vectorFile + " is not what gnark computes")
	}
}
