package ceremony

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark/backend/groth16/bn254/mpcsetup"

	"plimsoll.io/native/keys"
)

// state is *mpcsetup.Phase1 or *mpcsetup.Phase2.
type state interface {
	io.WriterTo
	io.ReaderFrom
	Contribute()
}

const (
	g1Bytes        = bn254.SizeOfG1AffineCompressed
	g2Bytes        = bn254.SizeOfG2AffineCompressed
	proofBytes     = g1Bytes + g2Bytes // commitment to the factor, proof of knowledge of it
	challengeBytes = 32
)

// shape has the numbers that sizes follow from.
type shape struct {
	domain  int // FFT size
	private int // wires that are no public input
}

func shapeOf(prepared *keys.Prepared) shape {
	internal, secret, _ := prepared.System().GetNbVariables()
	return shape{domain: prepared.Circuit.Stats().FFTSize, private: internal + secret}
}

// bytes is the exact length of what mpcsetup writes of a phase.
func (s shape) bytes(phase uint8) int {
	if phase == 1 {
		return 3*proofBytes + 8 + g2Bytes + (2*s.domain-2)*g1Bytes + (s.domain-1)*g2Bytes + 2*s.domain*g1Bytes + 1 + challengeBytes
	}
	return s.factors(2)[0] + proofBytes + 1 + challengeBytes
}

// factors is where the commitments to a contribution's factors begin: tau, alpha, beta; or delta.
func (s shape) factors(phase uint8) []int {
	if phase == 1 {
		return []int{0, proofBytes, 2 * proofBytes}
	}
	return []int{2 + g1Bytes + 4 + s.private*g1Bytes + 4 + (s.domain-1)*g1Bytes + g2Bytes}
}

// firstPhase is the state that the first contribution to phase 1 changes: everything one, with a challenge that binds proofs of
// knowledge to this ceremony.
func firstPhase(s shape, start [32]byte) state {
	first := mpcsetup.NewPhase1(uint64(s.domain))
	first.Challenge = bytes.Clone(start[:])
	return first
}

func encodeState(s state) ([]byte, error) {
	var out bytes.Buffer
	if _, err := s.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("encoding a state: %w", err)
	}
	return out.Bytes(), nil
}

// decodeState reads what mpcsetup writes of a phase of that shape, and nothing else. gnark's reader allocates what the
// lengths in its input say, so these are compared first. It checks that points are in their groups.
func decodeState(s shape, phase uint8, data []byte) (decoded state, err error) {
	if len(data) != s.bytes(phase) {
		return nil, fmt.Errorf("the state has %d bytes; the circuit's has %d", len(data), s.bytes(phase))
	}
	if phase == 1 {
		if size := binary.BigEndian.Uint64(data[3*proofBytes:]); size != uint64(s.domain) {
			return nil, fmt.Errorf("the state has the FFT size %d, not %d", size, s.domain)
		}
		decoded = new(mpcsetup.Phase1)
	} else {
		private := 2 + g1Bytes
		z := private + 4 + s.private*g1Bytes
		if n := binary.BigEndian.Uint16(data); n != 0 {
			return nil, fmt.Errorf("the state has %d commitments; 0 are allowed", n)
		}
		if n := binary.BigEndian.Uint32(data[private:]); uint64(n) != uint64(s.private) {
			return nil, fmt.Errorf("the state has %d private wires; the circuit has %d", n, s.private)
		}
		if n := binary.BigEndian.Uint32(data[z:]); uint64(n) != uint64(s.domain-1) {
			return nil, fmt.Errorf("the state has %d powers; the circuit's has %d", n, s.domain-1)
		}
		decoded = new(mpcsetup.Phase2)
	}
	if n := data[len(data)-1-challengeBytes]; n != challengeBytes {
		// gnark would take a state without a challenge for any.
		return nil, fmt.Errorf("the challenge has %d bytes, not %d", n, challengeBytes)
	}
	err = contained(func() error {
		if _, err := decoded.ReadFrom(bytes.NewReader(data)); err != nil {
			return fmt.Errorf("the state is not readable: %w", err)
		}
		again, err := encodeState(decoded)
		if err == nil && !bytes.Equal(again, data) {
			err = errors.New("the state is not in its one encoding")
		}
		return err
	})
	return decoded, err
}

// verifyStep checks that a state follows from another by a contribution whose factors its maker knew. The states are of one shape.
func verifyStep(before, after state) error {
	switch before := before.(type) {
	case *mpcsetup.Phase1:
		next, ok := after.(*mpcsetup.Phase1)
		if !ok {
			return errors.New("the state is of the other phase")
		}
		if err := before.Verify(next); err != nil {
			return fmt.Errorf("it does not follow from the state before: %w", err)
		}
	case *mpcsetup.Phase2:
		next, ok := after.(*mpcsetup.Phase2)
		if !ok {
			return errors.New("the state is of the other phase")
		}
		if err := before.Verify(next); err != nil {
			return fmt.Errorf("it does not follow from the state before: %w", err)
		}
	}
	return nil
}

// checkFactors refuses a contribution with a factor of one, or minus one, which nobody draws: mpcsetup cannot tell it from
// others, and it leaves the secret as it was.
func checkFactors(s shape, phase uint8, data []byte) error {
	_, _, generator, _ := bn254.Generators()
	for i, at := range s.factors(phase) {
		var factor bn254.G1Affine
		if _, err := factor.SetBytes(data[at : at+g1Bytes]); err != nil {
			return err
		}
		if factor.X.Equal(&generator.X) {
			name := "delta"
			if phase == 1 {
				name = [...]string{"tau", "alpha", "beta"}[i]
			}
			return fmt.Errorf("it contributes nothing: its factor of %s is one up to its sign", name)
		}
	}
	return nil
}

// contained turns a panic of gnark on what others made into an error.
func contained(f func() error) (err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("gnark cannot take it: %v", recovered)
		}
	}()
	return f()
}
