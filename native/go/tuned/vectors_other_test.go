//go:build !amd64 || purego

package tuned

func setVectors(bool) bool { return false }
