package circuits

import "errors"
import "github.com/consensys/gnark/constraint"

// KernelReport says along which public inputs a proof could be re-targeted.
type KernelReport struct {
	// Dimension of the kernel.
	Dimension int
	// Touched are the public inputs (0 is the context) with a non-zero coordinate in some kernel vector, ascending.
	Touched []int
}

// CheckKernel computes the kernel of the stacked matrix; an error when context or blinding stand in it.
func CheckKernel(cs constraint.ConstraintSystem) (KernelReport, error) {
	return KernelReport{}, errors.New("not available yet")
}
