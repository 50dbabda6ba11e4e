//go:build !purego

package tuned

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"
	"unsafe"

	"github.com/consensys/gnark-crypto/ecc/bn254"
)

// TestKernelTimes prints the least times of additions from tables of several sizes, for whoever tunes them.
func TestKernelTimes(t *testing.T) {
	if !useVectors || os.Getenv("PLIMSOLL_TUNED_KEYS") == "" {
		t.Skip("prints times when PLIMSOLL_TUNED_KEYS is set")
	}
	for _, size := range []int{1 << 11, 1 << 14, 1 << 17} {
		table := make([]bn254.G1Affine, size)
		copy(table, multiplesOfG(1<<11))
		for i := 1 << 11; i < size; i++ {
			table[i] = table[i&(1<<11-1)]
		}
		k := newPairKernel()
		const n = pairBatch
		a, b, out := make([]entry, 3*n), make([]entry, 3*n), make([]uint32, 3*n)
		perm := rand.Perm(1 << 10)
		for i := range 2 * n {
			block := rand.IntN(size/(1<<11)) << 11
			a[i], b[i], out[i] = entry(block+perm[i%1024])<<1, entry(block+1024+perm[(i+1)%1024])<<1|entry(i&1), uint32(i%n)
		}
		target := make([]bn254.G1Affine, n)
		least := [4]time.Duration{1 << 40, 1 << 40, 1 << 40, 1 << 40}
		for range 300 {
			start := time.Now()
			if !k.add(target, out, table, a, b, 0, n, true) {
				t.Fatal("equal points")
			}
			least[0] = min(least[0], time.Since(start))
			start = time.Now()
			pairsPrepare(unsafe.Pointer(&table[0]), &a[0], &b[0], n/8, &k.work[0], &k.accumulated[0], baseConstants)
			least[1] = min(least[1], time.Since(start))
			start = time.Now()
			pairsFinish(unsafe.Pointer(&target[0]), &out[0], n/8, &k.work[0], &k.accumulated[0], baseConstants, unsafe.Pointer(&table[0]), &a[n], &b[n])
			least[2] = min(least[2], time.Since(start))
			start = time.Now()
			invertLanes(k.accumulated[:])
			least[3] = min(least[3], time.Since(start))
		}
		t.Logf("table of %7d points: add %5.1f ns, prepare %5.1f, finish %5.1f, inversion %5.1f", size, float64(least[0])/n, float64(least[1])/n, float64(least[2])/n, float64(least[3])/n)
	}
}
