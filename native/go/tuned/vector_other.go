//go:build !amd64 || purego

package tuned

type pairKernel = genericKernel

func newPairKernel() *pairKernel { return newGenericKernel() }
