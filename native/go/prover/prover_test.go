package prover_test

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"plimsoll.io/native/internal/testmodel"
	"plimsoll.io/native/keys"
	"plimsoll.io/native/prover"
)

// stock has keys of the test model that all tests share.
var stock = sync.OnceValues(func() (*prover.Stock, error) {
	directory, err := tempDir()
	if err != nil {
		return nil, err
	}
	id, err := keys.Generate(testmodel.Bytes(), directory, nil)
	if err != nil {
		return nil, err
	}
	loaded, err := keys.Load(keyDirectory(directory, id), id, true)
	if err != nil {
		return nil, err
	}
	return prover.NewStock(loaded), nil
})

func stockProver(t *testing.T) *prover.Stock {
	t.Helper()
	p, err := stock()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// atThreshold has equity 500 + 10*100 - 20*30 = 900 and requirement 10*50 + 20*20 = 900.
func atThreshold() *prover.Input {
	in := &prover.Input{
		Context:      [16]byte{0xff, 1, 2, 3},
		Numerator:    3,
		Denominator:  3,
		Coefficients: []int64{100, 30, 50, 20},
		Holdings:     []int64{10, -20, 500},
	}
	in.Blinding[31] = 7
	return in
}

func publicVector(t *testing.T, p *prover.Stock, in *prover.Input) []byte {
	t.Helper()
	vector, err := p.Keys().Circuit.PublicVector(
		in.Context, in.Numerator, in.Denominator, in.Coefficients, in.Holdings, in.Blinding)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i := range vector {
		element := vector[i].Bytes()
		out = append(out, element[:]...)
	}
	return out
}

func TestProofExactlyAtTheThresholdIsAccepted(t *testing.T) {
	p := stockProver(t)
	in := atThreshold()
	proof, err := p.Prove(in)
	if err != nil {
		t.Fatal(err)
	}
	if accepted, err := p.Verify(publicVector(t, p, in), proof[:]); err != nil || !accepted {
		t.Fatalf("accepted %v, error %v", accepted, err)
	}
}

func TestOneUnitBelowTheThresholdIsNotSolvent(t *testing.T) {
	p := stockProver(t)
	in := atThreshold()
	in.Holdings[2]--
	if _, err := p.Prove(in); !errors.Is(err, prover.ErrNotSolvent) {
		t.Fatalf("error %v", err)
	}
	if err := prover.Satisfies(p.Keys().Circuit, in); !errors.Is(err, prover.ErrNotSolvent) {
		t.Fatalf("error %v", err)
	}
}

func TestBoundariesAreProven(t *testing.T) {
	p := stockProver(t)
	largest := fr.Modulus()
	largest.Sub(largest, bigOne)
	for name, change := range map[string]func(*prover.Input){
		"largest context":     func(in *prover.Input) { copy(in.Context[:], bytes.Repeat([]byte{0xff}, 16)) },
		"zero context":        func(in *prover.Input) { in.Context = [16]byte{} },
		"zero blinding":       func(in *prover.Input) { in.Blinding = [32]byte{} },
		"blinding r-1":        func(in *prover.Input) { largest.FillBytes(in.Blinding[:]) },
		"zero numerator":      func(in *prover.Input) { in.Numerator = 0 },
		"largest denominator": func(in *prover.Input) { in.Denominator = 1<<32 - 1 },
		"largest ratio":       func(in *prover.Input) { in.Numerator, in.Denominator = 1<<32-1, 1<<32-1 },
		"J_max times holding": func(in *prover.Input) {
			in.Holdings = []int64{1000 * testmodel.Attesters, -1000 * testmodel.Attesters, 1000000 * testmodel.Attesters}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := atThreshold()
			change(in)
			proof, err := p.Prove(in)
			if err != nil {
				t.Fatal(err)
			}
			if accepted, err := p.Verify(publicVector(t, p, in), proof[:]); err != nil || !accepted {
				t.Fatalf("accepted %v, error %v", accepted, err)
			}
		})
	}
}

func TestInvalidInputsAreNamed(t *testing.T) {
	p := stockProver(t)
	for want, change := range map[string]func(*prover.Input){
		"threshold.numerator":   func(in *prover.Input) { in.Numerator = 1 << 32 },
		"threshold.denominator": func(in *prover.Input) { in.Denominator = 0 },
		"coefficients[2]":       func(in *prover.Input) { in.Coefficients[2] = 1001 },
		"coefficients:":         func(in *prover.Input) { in.Coefficients = in.Coefficients[:3] },
		"holdings[1]":           func(in *prover.Input) { in.Holdings[1] = -77777 },
		"holdings:":             func(in *prover.Input) { in.Holdings = append(in.Holdings, 0) },
		"blinding":              func(in *prover.Input) { fr.Modulus().FillBytes(in.Blinding[:]) },
	} {
		t.Run(want, func(t *testing.T) {
			in := atThreshold()
			change(in)
			_, err := p.Prove(in)
			var invalid *prover.InvalidInputError
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
				t.Fatalf("error %v does not name %s", err, want)
			}
			if strings.Contains(err.Error(), "77777") {
				t.Errorf("error %v tells a holding", err)
			}
		})
	}
}

func TestTwoProofsOfOneStatementShareNoPoint(t *testing.T) {
	p := stockProver(t)
	one, err := p.Prove(atThreshold())
	if err != nil {
		t.Fatal(err)
	}
	two, err := p.Prove(atThreshold())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][2]int{{0, 32}, {32, 96}, {96, 128}} {
		if bytes.Equal(one[part[0]:part[1]], two[part[0]:part[1]]) {
			t.Errorf("bytes %d to %d are equal", part[0], part[1])
		}
	}
}

func TestAnyOtherPublicInputIsRejected(t *testing.T) {
	p := stockProver(t)
	in := atThreshold()
	proof, err := p.Prove(in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(publicVector(t, p, in)) / prover.ElementBytes {
		vector := publicVector(t, p, in)
		vector[(i+1)*prover.ElementBytes-1] ^= 1
		if accepted, err := p.Verify(vector, proof[:]); err != nil || accepted {
			t.Errorf("input %d: accepted %v, error %v", i, accepted, err)
		}
	}
}

func TestVerifyRefusesMalformedInput(t *testing.T) {
	p := stockProver(t)
	in := atThreshold()
	proof, err := p.Prove(in)
	if err != nil {
		t.Fatal(err)
	}
	vector := publicVector(t, p, in)
	if _, err := p.Verify(vector[1:], proof[:]); err == nil {
		t.Error("a short vector was read")
	}
	if _, err := p.Verify(vector, proof[1:]); err == nil {
		t.Error("a short proof was read")
	}
	fr.Modulus().FillBytes(vector[:prover.ElementBytes])
	if _, err := p.Verify(vector, proof[:]); err == nil {
		t.Error("an element that is not below r was read")
	}
}

func TestPointsWithoutCompressionFlagAreNotAccepted(t *testing.T) {
	p := stockProver(t)
	in := atThreshold()
	proof, err := p.Prove(in)
	if err != nil {
		t.Fatal(err)
	}
	vector := publicVector(t, p, in)
	for _, first := range []int{0, bn254.SizeOfG1AffineCompressed, prover.ProofBytes - bn254.SizeOfG1AffineCompressed} {
		bad := proof
		bad[first] &= 0x3f
		if accepted, err := p.Verify(vector, bad[:]); err != nil || accepted {
			t.Errorf("point at %d: accepted %v, error %v", first, accepted, err)
		}
	}
}

func TestPublicSumIsTheSumOfTheMultiples(t *testing.T) {
	p := stockProver(t)
	points := p.Keys().Verifying.G1.K
	scalars := publicVector(t, p, atThreshold())
	for first := 1; first < len(points); first += 3 {
		var expected bn254.G1Jac
		for i := first; i < len(points); i++ {
			var multiple bn254.G1Affine
			scalar := new(big.Int).SetBytes(scalars[(i-1)*prover.ElementBytes : i*prover.ElementBytes])
			multiple.ScalarMultiplication(&points[i], scalar)
			expected.AddMixed(&multiple)
		}
		sum, err := p.PublicSum(int64(first), scalars[(first-1)*prover.ElementBytes:])
		if err != nil {
			t.Fatal(err)
		}
		if want := new(bn254.G1Affine).FromJacobian(&expected).Bytes(); sum != want {
			t.Errorf("from K[%d]: %x, not %x", first, sum, want)
		}
	}
	one := make([]byte, prover.ElementBytes)
	one[len(one)-1] = 1
	if sum, err := p.PublicSum(0, one); err != nil || sum != points[0].Bytes() {
		t.Errorf("once K[0]: %x, error %v", sum, err)
	}
}

func TestPublicSumRefusesMalformedInput(t *testing.T) {
	p := stockProver(t)
	scalars := publicVector(t, p, atThreshold())
	beyond := bytes.Clone(scalars)
	fr.Modulus().FillBytes(beyond[2*prover.ElementBytes : 3*prover.ElementBytes])
	for _, bad := range []struct {
		first   int64
		scalars []byte
		want    string
	}{
		{-1, nil, "first: -1"},
		{math.MinInt64, nil, "first"},
		{math.MaxInt64, nil, "first"},
		{int64(len(p.Keys().Verifying.G1.K)), nil, "first"},
		{2, scalars, "scalars: "},
		{1, scalars[1:], "scalars: "},
		{1, beyond, "scalars: element 2"},
	} {
		_, err := p.PublicSum(bad.first, bad.scalars)
		var invalid *prover.InvalidInputError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("error %v does not name %s", err, bad.want)
		}
	}
}
