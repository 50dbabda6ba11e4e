package tuned

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

// The oracle is the floor division of big integers, as the hint of package circuits has it.
func TestQuotientsAreFloorDivisions(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	draw := func(bits int) *big.Int {
		x := new(big.Int)
		for range 4 {
			x.Lsh(x, 64).Or(x, new(big.Int).SetUint64(random.Uint64()))
		}
		return x.Rsh(x, uint(256-bits))
	}
	element := func(x *big.Int) fr.Element { return *new(fr.Element).SetBigInt(x) }
	for i := range 4000 {
		divisor := draw(1 + random.IntN(100))
		divisor.Add(divisor, big.NewInt(1))
		x := draw(1 + random.IntN(140))
		switch i % 8 {
		case 0:
			x.Neg(x)
		case 1:
			x.Mul(x, divisor) // no remainder
		case 2:
			x.Mul(x, divisor)
			x.Neg(x)
		case 3:
			x.SetInt64(int64(i%3) - 1)
		}
		quotient, remainder := new(big.Int).DivMod(x, divisor, new(big.Int))
		least := new(big.Int).Sub(quotient, draw(1+random.IntN(60)))
		width := new(big.Int).Sub(quotient, least).BitLen() + random.IntN(3)
		split := new(big.Int).Sub(divisor, big.NewInt(1)).BitLen()
		s := step{kind: stepQuotient, scale: element(divisor), least: element(least), count: uint32(split + width)}
		if s.split() != split {
			t.Fatalf("%d bits of a remainder below %v", s.split(), divisor)
		}
		out := make(fr.Vector, split+width)
		value := element(x)
		if err := s.divide(&value, out); err != nil {
			t.Fatalf("%v / %v - %v: %v", x, divisor, least, err)
		}
		read := func(bits fr.Vector) *big.Int {
			y := new(big.Int)
			for i := range bits {
				if bits[i].IsOne() {
					y.SetBit(y, i, 1)
				} else if !bits[i].IsZero() {
					t.Fatal("no bit")
				}
			}
			return y
		}
		if read(out[:split]).Cmp(remainder) != 0 || read(out[split:]).Add(read(out[split:]), least).Cmp(quotient) != 0 {
			t.Fatalf("%v / %v - %v is wrong", x, divisor, least)
		}
		// One below the least quotient, and one beyond the width.
		s.least = element(new(big.Int).Add(quotient, big.NewInt(1)))
		if s.divide(&value, out) == nil {
			t.Fatal("a quotient below the least one")
		}
		s.least = element(new(big.Int).Sub(quotient, new(big.Int).Lsh(big.NewInt(1), uint(width))))
		if s.divide(&value, out) == nil {
			t.Fatal("a quotient beyond its bits")
		}
	}
}

func encoded(t *testing.T, f *fixture) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := encode(&out, f.prover.program, f.prover.key, [32]byte{9}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func rehash(data []byte) {
	hash := sha256.New()
	hash.Write(data[:headerBytes-32])
	hash.Write(data[headerBytes:])
	copy(data[headerBytes-32:], hash.Sum(nil))
}

// What somebody else wrote under a right digest may be refused or make proofs that nobody accepts, and must not do more.
func TestAForeignBundleWithARightDigestDoesNoHarm(t *testing.T) {
	f := smallFixture(t)
	whole := encoded(t, f)
	inputs := smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500})
	random := rand.New(rand.NewPCG(7, 8))
	refusals, wrong := 0, 0
	try := func(data []byte) {
		t.Helper()
		rehash(data)
		p, k, err := decode(data, [32]byte{9})
		if err != nil {
			refusals++
			return
		}
		proof, err := newProver(p, k).Prove(inputs)
		if err != nil || groth16.Verify(proof, f.vk, inputs) != nil {
			wrong++
		}
	}
	// Every word of the small sections once, and random places of all.
	for at := headerBytes; at+8 <= len(whole) && at < headerBytes+24000; at += 4 * (1 + random.IntN(16)) {
		data := bytes.Clone(whole)
		switch random.IntN(3) {
		case 0:
			data[at+random.IntN(4)] ^= 1 << random.IntN(8)
		case 1:
			binary.LittleEndian.PutUint32(data[at:], random.Uint32())
		default:
			binary.LittleEndian.PutUint32(data[at:], ^uint32(0))
		}
		try(data)
	}
	for range 300 {
		data := bytes.Clone(whole)
		data[headerBytes+random.IntN(len(data)-headerBytes)] ^= 1 << random.IntN(8)
		try(data)
	}
	if refusals == 0 || wrong == 0 {
		t.Errorf("%d refused, %d without a good proof", refusals, wrong)
	}
}

// unblinding is a key for whose tables of delta most r stand for another blinding, and some for none at all; and such an r.
func unblinding(t *testing.T, f *fixture) (*key, fr.Element) {
	t.Helper()
	k := *f.prover.key
	// A: the multiples are plus and minus one point in turn, so that r counts by the alternating sum of its digits alone.
	k.a.table = slices.Clone(k.a.table)
	d := k.a.delta[0]
	for i := range d.windows {
		k.a.table[d.first+i] = k.a.table[d.first]
		if i%2 == 1 {
			k.a.table[d.first+i].Y.Neg(&k.a.table[d.first+i].Y)
		}
	}
	// B in G1, which is blinded by r as well: nothing but delta.
	b := form[bn254.G1Affine]{curve: g1, window: k.b.window, constant: make([]bn254.G1Affine, 1), delta: []wide{k.b.delta[0]}}
	b.delta[0].first = 0
	b.table = slices.Clone(k.b.table[k.b.delta[0].first:][:k.b.delta[0].windows])
	k.b = b
	var r fr.Element
	for {
		r.MustSetRandom()
		limbs, negative := magnitude(&r)
		entries, err := k.a.appendMultiple(nil, d, limbs, negative)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, e := range entries {
			place, digit := uint32(e)>>1-d.first, int(e>>32)
			if e&1 != uint64(place&1) {
				digit = -digit
			}
			sum += digit
		}
		if sum == 0 {
			return &k, r
		}
	}
}

// From wrong multiples of delta come proofs that are accepted and hide nothing: no verification shows it, so they have to be refused.
func TestABundleWhoseProofsAreAcceptedAndNotBlindedIsRefused(t *testing.T) {
	f := smallFixture(t)
	inputs := smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500})
	k, r := unblinding(t, f)
	var zero, s fr.Element
	s.MustSetRandom()
	planted := newProver(f.prover.program, k)
	proof, err := planted.prove(inputs, &r, &s, 2)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := f.prover.prove(inputs, &zero, &zero, 2)
	if err != nil {
		t.Fatal(err)
	}
	if groth16.Verify(proof, f.vk, inputs) != nil || !proof.Ar.Equal(&bare.Ar) {
		t.Fatal("the attack does not work any more; what is it that stops it?")
	}
	var out bytes.Buffer
	if err := encode(&out, f.prover.program, k, [32]byte{9}); err != nil {
		t.Fatal(err)
	}
	var refusal *BundleError
	if _, _, err := decode(out.Bytes(), [32]byte{9}); !errors.As(err, &refusal) {
		t.Errorf("error %v", err)
	}
}

func TestABundleOfALargerDomainThanItsRowsNeedIsRefused(t *testing.T) {
	f := smallFixture(t)
	for _, domain := range []uint64{2 * f.prover.key.domain, 1 << 28, f.prover.key.domain / 2} {
		k := *f.prover.key
		k.domain = domain
		var out bytes.Buffer
		if err := encode(&out, f.prover.program, &k, [32]byte{9}); err != nil {
			t.Fatal(err)
		}
		var refusal *BundleError
		if _, _, err := decode(out.Bytes(), [32]byte{9}); !errors.As(err, &refusal) {
			t.Errorf("domain %d: error %v", domain, err)
		}
	}
}

// A point that is on the curve and wrong: a proof comes out, and the verifier refuses it. The service then blocks the key.
func TestAWrongPointOfAKeyMakesAProofThatNobodyAccepts(t *testing.T) {
	f := smallFixture(t)
	inputs := smallInput(t, 3, 3, []int64{100, 30, 50, 20}, []int64{10, -20, 500})
	for name, change := range map[string]func(*groth16.ProvingKey){
		"A": func(pk *groth16.ProvingKey) { pk.G1.A[0] = pk.G1.Alpha },
		"Z": func(pk *groth16.ProvingKey) { pk.G1.Z[0] = pk.G1.Alpha },
		"K": func(pk *groth16.ProvingKey) { pk.G1.K[0] = pk.G1.Alpha },
	} {
		t.Run(name, func(t *testing.T) {
			var stored bytes.Buffer
			if _, err := f.pk.WriteRawTo(&stored); err != nil {
				t.Fatal(err)
			}
			pk := new(groth16.ProvingKey)
			if _, err := pk.UnsafeReadFrom(&stored); err != nil {
				t.Fatal(err)
			}
			change(pk)
			p, err := New(f.system, pk, InputsOf(f.circuit))
			if err != nil {
				t.Fatal(err)
			}
			proof, err := p.Prove(inputs)
			if err != nil {
				t.Fatal(err)
			}
			if groth16.Verify(proof, f.vk, inputs) == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestWiresOfTheSameRowsAreMerged(t *testing.T) {
	k := smallFixture(t).prover.key
	if len(k.b.merged) == 0 || len(k.b2.merged) != len(k.b.merged) {
		t.Errorf("%d merged tables in G1, %d in G2", len(k.b.merged), len(k.b2.merged))
	}
	for _, m := range k.b.members {
		if w := int(m >> 1); smallFixture(t).prover.program.class[w] != classProof {
			t.Errorf("wire %d is not of the proof", w)
		}
	}
}
