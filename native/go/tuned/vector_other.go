//go:build !amd64 || purego

package tuned

type pairKernel = genericKernel

func newPairKernel() *pairKernel { return newGenericKernel() }

func newTransform(n uint64) transform { return newGenericTransform(n) }
