package tuned

type pairKernel = genericKernel

func newPairKernel() *pairKernel { return newGenericKernel() }
