package keys

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/constraint"
)

// decodeProvingKey reads gnark's dump form, which trusts its input: it allocates what a length says, and a key
// whose vectors do not fit the constraint system panics inside a goroutine of gnark's prover, which nothing
// recovers. So every length is compared with the constraint system first, and every point with the
// curve afterwards.
func decodeProvingKey(data []byte, system constraint.ConstraintSystem) (*groth16.ProvingKey, error) {
	wires := uint64(system.GetNbPublicVariables() + system.GetNbSecretVariables() + system.GetNbInternalVariables())
	private := wires - uint64(system.GetNbPublicVariables())
	domain := fft.NewDomain(uint64(system.GetNbConstraints()))

	var head bytes.Buffer
	if err := binary.Write(&head, binary.NativeEndian, uint64(dumpMarker)); err != nil {
		return nil, err
	}
	if _, err := domain.WriteTo(&head); err != nil {
		return nil, err
	}
	r := dumpReader{data: data}
	if !bytes.Equal(r.take(uint64(head.Len())), head.Bytes()) {
		return nil, fmt.Errorf("the dump is not from this kind of machine, or its FFT domain is not that of %d constraints",
			system.GetNbConstraints())
	}
	r.take(3*g1Bytes + 2*g2Bytes)
	if got := r.u64(); got != wires {
		return nil, fmt.Errorf("it is for %d wires; the constraint system has %d", got, wires)
	}
	infiniteA, infiniteB := r.u64(), r.u64()
	if countTrue(r.take(wires)) != infiniteA || countTrue(r.take(wires)) != infiniteB {
		return nil, fmt.Errorf("the marks of points at infinity do not have the stated number")
	}
	if got := r.u32(); got != 0 {
		return nil, fmt.Errorf("it has %d commitment keys; 0 are allowed", got)
	}
	for _, slice := range []struct {
		name          string
		count, stride uint64
	}{
		{"A", wires - infiniteA, g1Bytes},
		{"B in G1", wires - infiniteB, g1Bytes},
		{"Z", domain.Cardinality - 1, g1Bytes},
		{"K", private, g1Bytes},
		{"B in G2", wires - infiniteB, g2Bytes},
	} {
		if got := r.length(); got != slice.count {
			return nil, fmt.Errorf("it has %d points %s; the constraint system asks for %d", got, slice.name, slice.count)
		}
		r.take(slice.count * slice.stride)
	}
	if r.short {
		return nil, fmt.Errorf("it is truncated at %d bytes", len(data))
	}
	if len(r.data) > 0 {
		return nil, fmt.Errorf("%d bytes follow its end", len(r.data))
	}

	pk := new(groth16.ProvingKey)
	if err := pk.ReadDump(bytes.NewReader(data)); err != nil {
		return nil, err
	}
	if err := checkProvingVectors(pk); err != nil {
		return nil, err
	}
	return pk, nil
}

// dumpMarker is what gnark-crypto writes first, in the machine's byte order.
const dumpMarker = 0xdeadbeef

// dumpReader walks over a dump without interpreting it. After the end it is short and returns zeros.
type dumpReader struct {
	data  []byte
	short bool
}

func (r *dumpReader) take(n uint64) []byte {
	if r.short || n > uint64(len(r.data)) {
		r.short = true
		return nil
	}
	taken := r.data[:n]
	r.data = r.data[n:]
	return taken
}

func (r *dumpReader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *dumpReader) u64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// length of a slice, which gnark-crypto writes little-endian.
func (r *dumpReader) length() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// countTrue counts ones; anything that is no boolean makes the count impossible.
func countTrue(marks []byte) uint64 {
	var n uint64
	for _, mark := range marks {
		switch mark {
		case 0:
		case 1:
			n++
		default:
			return math.MaxUint64
		}
	}
	return n
}

// checkProvingVectors refuses limbs that are no field element and points that are off their curve. The subgroup of
// the points in G2 is not checked: it would take seconds, and B of a proof is checked before it leaves.
func checkProvingVectors(pk *groth16.ProvingKey) error {
	for _, vector := range []struct {
		name   string
		points []bn254.G1Affine
	}{{"A", pk.G1.A}, {"B in G1", pk.G1.B}, {"Z", pk.G1.Z}, {"K", pk.G1.K}} {
		if i := firstInvalid(vector.points, validG1); i >= 0 {
			return fmt.Errorf("point %d of %s is not on the curve", i, vector.name)
		}
	}
	if i := firstInvalid(pk.G2.B, validG2); i >= 0 {
		return fmt.Errorf("point %d of B in G2 is not on the curve", i)
	}
	return nil
}

// firstInvalid is the least index of an invalid point, or -1.
func firstInvalid[P any](points []P, valid func(*P) bool) int {
	const tasks = 4
	first := [tasks]int{}
	var wait sync.WaitGroup
	for t := range tasks {
		wait.Go(func() {
			first[t] = -1
			for i := t * len(points) / tasks; i < (t+1)*len(points)/tasks; i++ {
				if !valid(&points[i]) {
					first[t] = i
					return
				}
			}
		})
	}
	wait.Wait()
	for _, i := range first {
		if i >= 0 {
			return i
		}
	}
	return -1
}
