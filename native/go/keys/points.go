package keys

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
)

const (
	g1Bytes = bn254.SizeOfG1AffineUncompressed
	g2Bytes = bn254.SizeOfG2AffineUncompressed
)

// encodeVerifyingKey writes alpha, beta, gamma, delta, the count of K, and K, uncompressed.
func encodeVerifyingKey(vk *groth16.VerifyingKey) []byte {
	out := make([]byte, 0, g1Bytes+3*g2Bytes+4+len(vk.G1.K)*g1Bytes)
	alpha := vk.G1.Alpha.RawBytes()
	out = append(out, alpha[:]...)
	for _, point := range []*bn254.G2Affine{&vk.G2.Beta, &vk.G2.Gamma, &vk.G2.Delta} {
		raw := point.RawBytes()
		out = append(out, raw[:]...)
	}
	out = binary.BigEndian.AppendUint32(out, uint32(len(vk.G1.K)))
	for i := range vk.G1.K {
		raw := vk.G1.K[i].RawBytes()
		out = append(out, raw[:]...)
	}
	return out
}

// decodeVerifyingKey reads what encodeVerifyingKey writes and nothing else, and makes every check that
// concerns the verifying key alone. The key must have `inputs` points K.
func decodeVerifyingKey(data []byte, inputs int) (*groth16.VerifyingKey, error) {
	const head = g1Bytes + 3*g2Bytes + 4
	if len(data) < head {
		return nil, fmt.Errorf("the verifying key has %d bytes; its fixed part alone has %d", len(data), head)
	}
	count := binary.BigEndian.Uint32(data[head-4:])
	if uint64(count) != uint64(inputs) {
		return nil, fmt.Errorf("the verifying key has %d points K; the model's layout asks for %d", count, inputs)
	}
	if want := uint64(head) + uint64(count)*g1Bytes; uint64(len(data)) != want {
		return nil, fmt.Errorf("the verifying key has %d bytes; %d points K take %d", len(data), count, want)
	}
	vk := new(groth16.VerifyingKey)
	if err := decodeG1(&vk.G1.Alpha, data[:g1Bytes], "alpha"); err != nil {
		return nil, err
	}
	data = data[g1Bytes:]
	for _, field := range []struct {
		name  string
		point *bn254.G2Affine
	}{{"beta", &vk.G2.Beta}, {"gamma", &vk.G2.Gamma}, {"delta", &vk.G2.Delta}} {
		if err := decodeG2(field.point, data[:g2Bytes], field.name); err != nil {
			return nil, err
		}
		data = data[g2Bytes:]
	}
	data = data[4:]
	vk.G1.K = make([]bn254.G1Affine, count)
	for i := range vk.G1.K {
		if err := decodeG1(&vk.G1.K[i], data[i*g1Bytes:(i+1)*g1Bytes], fmt.Sprintf("K[%d]", i)); err != nil {
			return nil, err
		}
	}
	if err := checkVerifyingKey(vk); err != nil {
		return nil, err
	}
	if err := vk.Precompute(); err != nil {
		return nil, err
	}
	return vk, nil
}

// checkVerifyingKey refuses a key whose equation would accept more than proofs: see the trusted setup in the
// statement's design. Every point is known to be on its curve.
func checkVerifyingKey(vk *groth16.VerifyingKey) error {
	if vk.G1.Alpha.IsInfinity() {
		return errors.New("alpha is the point at infinity")
	}
	for _, field := range []struct {
		name  string
		point *bn254.G2Affine
	}{{"beta", &vk.G2.Beta}, {"gamma", &vk.G2.Gamma}, {"delta", &vk.G2.Delta}} {
		if field.point.IsInfinity() {
			return fmt.Errorf("%s is the point at infinity", field.name)
		}
		if !field.point.IsInSubGroup() {
			return fmt.Errorf("%s is outside the subgroup of G2", field.name)
		}
	}
	for i := range vk.G1.K {
		if vk.G1.K[i].IsInfinity() {
			return fmt.Errorf("K[%d] is the point at infinity: the input stands in no constraint", i)
		}
	}
	// With gamma = +-delta the public inputs and the witness would be interchangeable.
	if equalUpToSignG2(&vk.G2.Gamma, &vk.G2.Delta) {
		return errors.New("gamma equals delta up to its sign")
	}
	// A ceremony's second phase starts at delta = 1: nobody contributed.
	_, _, _, g2 := bn254.Generators()
	if equalUpToSignG2(&vk.G2.Delta, &g2) {
		return errors.New("delta is the generator of G2 up to its sign")
	}
	return nil
}

// checkProvingPoints checks the proving key's single points against the verifying key: G1 and G2 must speak of
// the same alpha, beta and delta.
func checkProvingPoints(pk *groth16.ProvingKey, vk *groth16.VerifyingKey) error {
	for _, field := range []struct {
		name  string
		point *bn254.G1Affine
	}{{"alpha", &pk.G1.Alpha}, {"beta", &pk.G1.Beta}, {"delta", &pk.G1.Delta}} {
		if field.point.IsInfinity() {
			return fmt.Errorf("%s in G1 is the point at infinity", field.name)
		}
		if !validG1(field.point) {
			return fmt.Errorf("%s in G1 is not on the curve", field.name)
		}
	}
	_, _, g1, g2 := bn254.Generators()
	if equalUpToSignG1(&pk.G1.Delta, &g1) {
		return errors.New("delta is the generator of G1 up to its sign")
	}
	if !pk.G1.Alpha.Equal(&vk.G1.Alpha) {
		return errors.New("alpha differs between the proving key and the verifying key")
	}
	if !pk.G2.Beta.Equal(&vk.G2.Beta) {
		return errors.New("beta differs between the proving key and the verifying key")
	}
	if !pk.G2.Delta.Equal(&vk.G2.Delta) {
		return errors.New("delta differs between the proving key and the verifying key")
	}
	for _, field := range []struct {
		name string
		in1  *bn254.G1Affine
		in2  *bn254.G2Affine
	}{{"beta", &pk.G1.Beta, &pk.G2.Beta}, {"delta", &pk.G1.Delta, &pk.G2.Delta}} {
		// e(x G1, G2) = e(G1, x G2)
		var negated bn254.G1Affine
		negated.Neg(&g1)
		same, err := bn254.PairingCheck(
			[]bn254.G1Affine{*field.in1, negated}, []bn254.G2Affine{g2, *field.in2})
		if err != nil {
			return err
		}
		if !same {
			return fmt.Errorf("%s differs between G1 and G2", field.name)
		}
	}
	return nil
}

// decodeG1 reads an uncompressed finite point of G1.
func decodeG1(point *bn254.G1Affine, data []byte, name string) error {
	if err := decodeCoordinates(data, name, &point.X, &point.Y); err != nil {
		return err
	}
	if point.IsInfinity() {
		return fmt.Errorf("%s is the point at infinity", name)
	}
	if !point.IsOnCurve() {
		return fmt.Errorf("%s is not on the curve", name)
	}
	return nil
}

// decodeG2 reads an uncompressed finite point of the twist. Its subgroup is checked elsewhere.
func decodeG2(point *bn254.G2Affine, data []byte, name string) error {
	if err := decodeCoordinates(data, name, &point.X.A1, &point.X.A0, &point.Y.A1, &point.Y.A0); err != nil {
		return err
	}
	if point.IsInfinity() {
		return fmt.Errorf("%s is the point at infinity", name)
	}
	if !point.IsOnCurve() {
		return fmt.Errorf("%s is not on the curve", name)
	}
	return nil
}

// decodeCoordinates refuses every coordinate from p on; flags in the top two bits are above p as well.
func decodeCoordinates(data []byte, name string, coordinates ...*fp.Element) error {
	for i, coordinate := range coordinates {
		if err := coordinate.SetBytesCanonical(data[i*fp.Bytes : (i+1)*fp.Bytes]); err != nil {
			return fmt.Errorf("%s has a coordinate that is not below p", name)
		}
	}
	return nil
}

// validG1 is for points that were dumped from memory and not decoded: their limbs may be anything.
func validG1(point *bn254.G1Affine) bool {
	return reduced(&point.X) && reduced(&point.Y) && point.IsOnCurve()
}

func validG2(point *bn254.G2Affine) bool {
	return reduced(&point.X.A0) && reduced(&point.X.A1) &&
		reduced(&point.Y.A0) && reduced(&point.Y.A1) && point.IsOnCurve()
}

// reduced is whether the limbs (little-endian, Montgomery form) are below p.
func reduced(e *fp.Element) bool {
	modulus := fpModulus
	for i := len(e) - 1; i >= 0; i-- {
		if e[i] != modulus[i] {
			return e[i] < modulus[i]
		}
	}
	return false
}

var fpModulus = func() (limbs [4]uint64) {
	words := fp.Modulus().Bits()
	for i := range limbs {
		limbs[i] = uint64(words[i])
	}
	return limbs
}()

func equalUpToSignG1(a, b *bn254.G1Affine) bool {
	var negated bn254.G1Affine
	negated.Neg(b)
	return a.Equal(b) || a.Equal(&negated)
}

func equalUpToSignG2(a, b *bn254.G2Affine) bool {
	var negated bn254.G2Affine
	negated.Neg(b)
	return a.Equal(b) || a.Equal(&negated)
}
