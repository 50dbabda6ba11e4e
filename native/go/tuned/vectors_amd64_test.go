//go:build !purego

package tuned

// setVectors switches the vector code on or off; false when the processor has none anyway.
func setVectors(on bool) bool {
	if on {
		useVectors = true
		return true
	}
	before := useVectors
	useVectors = false
	return before
}
