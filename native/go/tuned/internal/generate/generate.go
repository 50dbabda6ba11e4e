// Package generate writes vector_amd64.s: field arithmetic on eight lanes with AVX-512 IFMA.
//
// An element is five limbs of 52 bits, a block is eight elements: five vectors, limb by limb. Products are Montgomery's with the
// radix 2^260, by the interleaved method (Koc, Acar and Kaliski, "Analyzing and comparing Montgomery multiplication algorithms", IEEE Micro
// 1996) on VPMADD52LUQ and VPMADD52HUQ. Values are below 2p + 2^210 and not reduced further; every bound is stated where it is used.
package generate

import (
	"bytes"
	"fmt"
)

// Offsets into the constants, in bytes: see constants in vector_amd64.go.
const (
	offP     = 0 // five limbs each
	offP2    = 40
	offP4    = 80
	offP9    = 120
	offInv   = 160 // -1/p modulo 2^52
	offMask  = 168 // 2^52 - 1
	offTop2  = 176 // above this top limb, 2p may be subtracted
	offTop4  = 184
	offOne   = 192
	offIndex = 200 // 0, 32, ..., 224 as eight numbers: strides of gathers
	block    = 320
)

var out bytes.Buffer

func emit(format string, arguments ...any) { fmt.Fprintf(&out, "\t"+format+"\n", arguments...) }

func z(i int) string { return fmt.Sprintf("Z%d", i) }

// Registers that stay: p in Z20 to Z24, the mask in Z25, the inverse in Z26.
func prologue() {
	for i := range 5 {
		emit("VPBROADCASTQ %d(CX), %s", offP+8*i, z(20+i))
	}
	emit("VPBROADCASTQ %d(CX), Z25", offMask)
	emit("VPBROADCASTQ %d(CX), Z26", offInv)
}

func at(offset int, base string) string { return fmt.Sprintf("%d(%s)", offset, base) }

func loadBlock(regs []int, offset int, base string) {
	for i, r := range regs {
		emit("VMOVDQU64 %s, %s", at(offset+64*i, base), z(r))
	}
}

func storeBlock(regs []int, offset int, base string) {
	for i, r := range regs {
		emit("VMOVDQU64 %s, %s", z(r), at(offset+64*i, base))
	}
}

// normalize carries signed limbs upwards; the value is not negative. Uses Z19.
func normalize(r []int) {
	for i := range 4 {
		emit("VPSRAQ $52, %s, Z19", z(r[i]))
		emit("VPADDQ Z19, %s, %s", z(r[i+1]), z(r[i+1]))
		emit("VPANDQ Z25, %s, %s", z(r[i]), z(r[i]))
	}
}

// addConstant adds five constants.
func addConstant(r []int, offset int) {
	for i := range r {
		emit("VPADDQ.BCST %d(CX), %s, %s", offset+8*i, z(r[i]), z(r[i]))
	}
}

func subMemory(r []int, offset int, base string) {
	for i := range r {
		emit("VPSUBQ %s, %s, %s", at(offset+64*i, base), z(r[i]), z(r[i]))
	}
}

func addMemory(r []int, offset int, base string) {
	for i := range r {
		emit("VPADDQ %s, %s, %s", at(offset+64*i, base), z(r[i]), z(r[i]))
	}
}

// subtractIfAbove subtracts a multiple of p where the top limb is above a constant: so far above that a borrow that has not been
// carried yet cannot make the value negative.
func subtractIfAbove(r []int, top, multiple int) {
	emit("VPBROADCASTQ %d(CX), Z19", top)
	emit("VPCMPQ $6, Z19, %s, K2", z(r[4]))
	for i := range r {
		emit("VPSUBQ.BCST %d(CX), %s, K2, %s", multiple+8*i, z(r[i]), z(r[i]))
	}
}

// reduce brings a value below 7p, whose limbs are signed and of up to 60 bits, below 2p + 2^210, and normalizes it. What the lower limbs carry
// into the top one is known but for 2 without carrying them; the constants allow for that. Uses Z12 and Z19.
func reduce(r []int) {
	emit("VPSRAQ $52, %s, Z12", z(r[3]))
	emit("VPADDQ %s, Z12, Z12", z(r[4]))
	for _, step := range [][2]int{{offTop4, offP4}, {offTop2, offP2}} {
		emit("VPBROADCASTQ %d(CX), Z19", step[0])
		emit("VPCMPQ $6, Z19, Z12, K2")
		if step[1] == offP4 {
			emit("VPSUBQ.BCST %d(CX), Z12, K2, Z12", step[1]+32)
		}
		for i := range r {
			emit("VPSUBQ.BCST %d(CX), %s, K2, %s", step[1]+8*i, z(r[i]), z(r[i]))
		}
	}
	normalize(r)
}

// mul multiplies a, in registers, by b, a block in memory. The product is in the registers that it returns, normalized and below
// p + ab/2^260. It uses Z6 to Z13 and Z18 beside a.
func mul(a []int, offset int, base string) []int {
	t := mulLoose(a, offset, base)
	normalize(t)
	return t
}

// mulLoose leaves the limbs, of up to 57 bits, as they are.
func mulLoose(a []int, offset int, base string) []int {
	t := []int{6, 7, 8, 9, 10, 11}
	const b, m, low = 12, 13, 18
	for i := range 5 {
		emit("VMOVDQU64 %s, %s", at(offset+64*i, base), z(b))
		if i == 0 {
			for j := range 5 {
				emit("VPXORQ %s, %s, %s", z(t[j]), z(t[j]), z(t[j]))
			}
		}
		emit("VPXORQ %s, %s, %s", z(t[5]), z(t[5]), z(t[5]))
		for j := range 5 {
			emit("VPMADD52LUQ %s, %s, %s", z(b), z(a[j]), z(t[j]))
		}
		emit("VPXORQ %s, %s, %s", z(m), z(m), z(m))
		emit("VPMADD52LUQ Z26, %s, %s", z(t[0]), z(m))
		for j := range 5 {
			emit("VPMADD52HUQ %s, %s, %s", z(b), z(a[j]), z(t[j+1]))
		}
		// The lowest limb plus that of m p is a multiple of 2^52 by the choice of m: the next one, from what t[0] has.
		for j := 1; j < 5; j++ {
			emit("VPMADD52LUQ %s, %s, %s", z(20+j), z(m), z(t[j]))
		}
		emit("VPADDQ Z25, %s, %s", z(t[0]), z(low))
		emit("VPSRLQ $52, %s, %s", z(low), z(low))
		emit("VPADDQ %s, %s, %s", z(low), z(t[1]), z(t[1]))
		for j := range 5 {
			emit("VPMADD52HUQ %s, %s, %s", z(20+j), z(m), z(t[j+1]))
		}
		t = append(t[1:], t[0])
	}
	return t[:5]
}

// transpose turns eight vectors into their columns: from Z0 to Z7 into Z8 to Z15.
func transpose() {
	for i := 0; i < 8; i += 2 {
		emit("VPUNPCKLQDQ %s, %s, %s", z(i+1), z(i), z(8+i))
		emit("VPUNPCKHQDQ %s, %s, %s", z(i+1), z(i), z(9+i))
	}
	shuffle := func(imm int, a, b, to int) { emit("VSHUFI64X2 $0x%02x, %s, %s, %s", imm, z(b), z(a), z(to)) }
	for odd := range 2 {
		shuffle(0x88, 8+odd, 10+odd, 0+4*odd)
		shuffle(0xdd, 8+odd, 10+odd, 1+4*odd)
		shuffle(0x88, 12+odd, 14+odd, 2+4*odd)
		shuffle(0xdd, 12+odd, 14+odd, 3+4*odd)
	}
	for odd := range 2 {
		shuffle(0x88, 0+4*odd, 2+4*odd, 8+odd)
		shuffle(0xdd, 0+4*odd, 2+4*odd, 12+odd)
		shuffle(0x88, 1+4*odd, 3+4*odd, 10+odd)
		shuffle(0xdd, 1+4*odd, 3+4*odd, 14+odd)
	}
}

// unpack makes limbs of four words.
func unpack(words, limbs []int) {
	emit("VPANDQ Z25, %s, %s", z(words[0]), z(limbs[0]))
	join := func(low, right, high, left, to int) {
		emit("VPSRLQ $%d, %s, Z18", right, z(words[low]))
		emit("VPSLLQ $%d, %s, Z19", left, z(words[high]))
		emit("VPORQ Z18, Z19, Z19")
		emit("VPANDQ Z25, Z19, %s", z(limbs[to]))
	}
	join(0, 52, 1, 12, 1)
	join(1, 40, 2, 24, 2)
	join(2, 28, 3, 36, 3)
	emit("VPSRLQ $16, %s, %s", z(words[3]), z(limbs[4]))
}

// pack makes four words of limbs.
func pack(limbs, words []int) {
	join := func(low, right, high, left, to int) {
		if right == 0 {
			emit("VMOVDQA64 %s, Z18", z(limbs[low]))
		} else {
			emit("VPSRLQ $%d, %s, Z18", right, z(limbs[low]))
		}
		emit("VPSLLQ $%d, %s, Z19", left, z(limbs[high]))
		emit("VPORQ Z18, Z19, %s", z(words[to]))
	}
	join(0, 0, 1, 52, 0)
	join(1, 12, 2, 40, 1)
	join(2, 24, 3, 28, 2)
	join(3, 36, 4, 16, 3)
}

func function(name, signature string, frame, size int) {
	fmt.Fprintf(&out, "\n// func %s%s\nTEXT ·%s(SB), NOSPLIT, $%d-%d\n", name, signature, name, frame, size)
}

func argument(name string, offset int, register string) {
	emit("MOVQ %s+%d(FP), %s", name, offset, register)
}

func label(name string) { fmt.Fprintf(&out, "%s:\n", name) }

func ret() {
	emit("VZEROUPPER")
	emit("RET")
}

// chains is how many groups are worked on at a time, each with its own chain of products: the products of one fill the gaps of another's.
const chains = 2

// Parts of what is kept for each group of eight pairs.
const (
	workX1     = 0
	workY1     = block
	workDX     = 2 * block
	workDY     = 3 * block
	workPrefix = 4 * block
	workSize   = 5 * block
)

func seq(first, count int) []int {
	r := make([]int, count)
	for i := range r {
		r[i] = first + i
	}
	return r
}

// gather loads eight points: x in Z0 to Z4, y in Z5, Z6, Z7, Z16, Z17, negated where the entry says so.
func gather(entries string, offset int) (x, y []int) {
	for i := range 8 {
		// What is needed two rounds later comes into the cache meanwhile. It may be no entry any more; a prefetch does not fail.
		emit("MOVL %d(%s), AX", offset+4*i+64*chains, entries)
		emit("ANDL $-2, AX")
		emit("SHLQ $5, AX")
		emit("PREFETCHT0 (SI)(AX*1)")
		emit("MOVL %d(%s), AX", offset+4*i, entries)
		emit("ANDL $-2, AX")
		emit("SHLQ $5, AX")
		emit("VMOVDQU64 (SI)(AX*1), %s", z(i))
	}
	transpose()
	x, y = seq(0, 5), []int{5, 6, 7, 16, 17}
	unpack(seq(8, 4), x)
	unpack(seq(12, 4), y)
	emit("VPMOVZXDQ %d(%s), Z8", offset, entries)
	emit("VPTESTMQ.BCST %d(CX), Z8, K1", offOne)
	for i := range 5 {
		emit("VPBROADCASTQ %d(CX), Z8", offP2+8*i)
		emit("VPSUBQ %s, Z8, K1, %s", z(y[i]), z(y[i]))
	}
	return x, y
}

func pairsPrepare() {
	function("pairsPrepare", "(source unsafe.Pointer, a, b *uint32, groups int, work, accumulated *uint64, c *constants)", 0, 56)
	argument("source", 0, "SI")
	argument("a", 8, "DI")
	argument("b", 16, "R8")
	argument("groups", 24, "R9")
	argument("work", 32, "R10")
	argument("accumulated", 40, "R11")
	argument("c", 48, "CX")
	prologue()
	label("prepareLoop")
	for i := range chains {
		work := i * workSize
		x, y := gather("DI", 32*i)
		storeBlock(x, work+workX1, "R10")
		storeBlock(y, work+workY1, "R10")
		x, y = gather("R8", 32*i)
		// Both differences are in (2p - 2^211, 6p + 2^211).
		subMemory(x, work+workX1, "R10")
		addConstant(x, offP4)
		subMemory(y, work+workY1, "R10")
		addConstant(y, offP4)
		normalize(x)
		normalize(y)
		storeBlock(x, work+workDX, "R10")
		storeBlock(y, work+workDY, "R10")
	}
	for i := range chains {
		work := i * workSize
		loadBlock(seq(0, 5), block*i, "R11")
		storeBlock(seq(0, 5), work+workPrefix, "R10")
		storeBlock(mul(seq(0, 5), work+workDX, "R10"), block*i, "R11")
	}
	emit("ADDQ $%d, DI", 32*chains)
	emit("ADDQ $%d, R8", 32*chains)
	emit("ADDQ $%d, R10", chains*workSize)
	emit("SUBQ $%d, R9", chains)
	emit("JNZ prepareLoop")
	ret()
}

// pairsFinish goes backwards.
func pairsFinish() {
	function("pairsFinish", "(target unsafe.Pointer, out *uint32, groups int, work, accumulated *uint64, c *constants, source unsafe.Pointer, nextA, nextB *uint32)", 0, 72)
	argument("target", 0, "SI")
	argument("out", 8, "DI")
	argument("groups", 16, "R9")
	argument("work", 24, "R10")
	argument("accumulated", 32, "R11")
	argument("c", 40, "CX")
	argument("source", 48, "R12")
	argument("nextA", 56, "R8")
	argument("nextB", 64, "BX")
	prologue()
	// The last group of all.
	emit("MOVQ R9, AX")
	emit("DECQ AX")
	emit("IMULQ $%d, AX", workSize)
	emit("ADDQ AX, R10")
	emit("MOVQ R9, AX")
	emit("DECQ AX")
	emit("SHLQ $5, AX")
	emit("ADDQ AX, DI")
	label("finishLoop")
	var groups []int
	for i := range chains {
		groups = append(groups, -i*workSize)
	}
	for i, g := range groups {
		chain := block * (chains - 1 - i)
		loadBlock(seq(0, 5), chain, "R11")
		storeBlock(mul(seq(0, 5), g+workPrefix, "R10"), g+workPrefix, "R10") // 1/dx
		storeBlock(mul(seq(0, 5), g+workDX, "R10"), chain, "R11")
	}
	// Points of the next batch come into the second cache meanwhile. What stands there may be no entry; a prefetch does not fail.
	for _, entries := range []string{"R8", "BX"} {
		for i := range 8 * chains {
			emit("MOVL %d(%s), AX", 4*i, entries)
			emit("ANDL $-2, AX")
			emit("SHLQ $5, AX")
			emit("PREFETCHT1 (R12)(AX*1)")
		}
		emit("ADDQ $%d, %s", 32*chains, entries)
	}
	for _, g := range groups {
		loadBlock(seq(0, 5), g+workDY, "R10")
		storeBlock(mul(seq(0, 5), g+workPrefix, "R10"), g+workDY, "R10") // lambda, times 1/4
	}
	for _, g := range groups {
		loadBlock(seq(0, 5), g+workDY, "R10")
		s := mulLoose(seq(0, 5), g+workDY, "R10")
		// x3 = lambda^2 - x1 - x2, where x2 = dx + x1 - 4p: in (p - 2^212, 7p), then below 2p + 2^210.
		subMemory(s, g+workX1, "R10")
		subMemory(s, g+workX1, "R10")
		subMemory(s, g+workDX, "R10")
		addConstant(s, offP9)
		reduce(s)
		storeBlock(s, g+workDX, "R10")
	}
	for i, g := range groups {
		loadBlock(seq(0, 5), g+workX1, "R10")
		subMemory(seq(0, 5), g+workDX, "R10")
		addConstant(seq(0, 5), offP4)
		for r := range 5 {
			emit("VPSLLQ $2, %s, %s", z(r), z(r))
		}
		normalize(seq(0, 5)) // below 25p
		s := mulLoose(seq(0, 5), g+workDY, "R10")
		subMemory(s, g+workY1, "R10")
		addConstant(s, offP4)
		reduce(s)
		// To words, and to points.
		y := []int{14, 15, 16, 17}
		pack(s, y)
		loadBlock(seq(8, 5), g+workDX, "R10")
		pack(seq(8, 5), seq(0, 4))
		for j, r := range y {
			emit("VMOVDQA64 %s, %s", z(r), z(4+j))
		}
		transpose()
		for j := range 8 {
			emit("MOVL %d(DI), AX", 4*j-32*i)
			emit("SHLQ $6, AX")
			emit("VMOVDQU64 %s, (SI)(AX*1)", z(8+j))
		}
	}
	emit("SUBQ $%d, DI", 32*chains)
	emit("SUBQ $%d, R10", chains*workSize)
	emit("SUBQ $%d, R9", chains)
	emit("JNZ finishLoop")
	ret()
}

func butterflies(name string, frequency bool) {
	function(name, "(u, v, factors *uint64, blocks int, c *constants)", 0, 40)
	argument("u", 0, "SI")
	argument("v", 8, "DI")
	argument("factors", 16, "R8")
	argument("blocks", 24, "R9")
	argument("c", 32, "CX")
	prologue()
	label(name + "Loop")
	if frequency {
		// (u + v, (u - v) w)
		loadBlock(seq(0, 5), 0, "SI")
		loadBlock([]int{14, 15, 16, 17, 27}, 0, "SI")
		subMemory(seq(0, 5), 0, "DI")
		addConstant(seq(0, 5), offP4)
		normalize(seq(0, 5))
		sum := []int{14, 15, 16, 17, 27}
		addMemory(sum, 0, "DI")
		subtractIfAbove(sum, offTop2, offP2)
		normalize(sum)
		storeBlock(sum, 0, "SI")
		storeBlock(mul(seq(0, 5), 0, "R8"), 0, "DI")
	} else {
		// (u + v w, u - v w)
		loadBlock(seq(0, 5), 0, "DI")
		t := mul(seq(0, 5), 0, "R8")
		sum := []int{14, 15, 16, 17, 27}
		loadBlock(sum, 0, "SI")
		loadBlock(seq(0, 5), 0, "SI")
		for i := range 5 {
			emit("VPADDQ %s, %s, %s", z(t[i]), z(sum[i]), z(sum[i]))
			emit("VPSUBQ %s, %s, %s", z(t[i]), z(i), z(i))
		}
		subtractIfAbove(sum, offTop2, offP2)
		normalize(sum)
		storeBlock(sum, 0, "SI")
		addConstant(seq(0, 5), offP2)
		subtractIfAbove(seq(0, 5), offTop2, offP2)
		normalize(seq(0, 5))
		storeBlock(seq(0, 5), 0, "DI")
	}
	emit("ADDQ $%d, SI", block)
	emit("ADDQ $%d, DI", block)
	emit("ADDQ $%d, R8", block)
	emit("DECQ R9")
	emit("JNZ %sLoop", name)
	ret()
}

func multiplyBlocks() {
	function("multiplyBlocks", "(u, v *uint64, blocks int, c *constants)", 0, 32)
	argument("u", 0, "SI")
	argument("v", 8, "DI")
	argument("blocks", 16, "R9")
	argument("c", 24, "CX")
	prologue()
	label("multiplyLoop")
	loadBlock(seq(0, 5), 0, "SI")
	storeBlock(mul(seq(0, 5), 0, "DI"), 0, "SI")
	emit("ADDQ $%d, SI", block)
	emit("ADDQ $%d, DI", block)
	emit("DECQ R9")
	emit("JNZ multiplyLoop")
	ret()
}

// transposeBlocks exchanges lanes and blocks within every eight blocks.
func transposeBlocks() {
	function("transposeBlocks", "(data *uint64, eights int)", 0, 16)
	argument("data", 0, "SI")
	argument("eights", 8, "R9")
	label("transposeLoop")
	for limb := range 5 {
		for i := range 8 {
			emit("VMOVDQU64 %s, %s", at(block*i+64*limb, "SI"), z(i))
		}
		transpose()
		for i := range 8 {
			emit("VMOVDQU64 %s, %s", z(8+i), at(block*i+64*limb, "SI"))
		}
	}
	emit("ADDQ $%d, SI", 8*block)
	emit("DECQ R9")
	emit("JNZ transposeLoop")
	ret()
}

// unpackBlocks makes blocks of field elements as gnark-crypto has them.
func unpackBlocks() {
	function("unpackBlocks", "(blocks, elements *uint64, count int, c *constants)", 0, 32)
	argument("blocks", 0, "DI")
	argument("elements", 8, "SI")
	argument("count", 16, "R9")
	argument("c", 24, "CX")
	emit("VPBROADCASTQ %d(CX), Z25", offMask)
	emit("VMOVDQU64 %d(CX), Z16", offIndex)
	label("unpackLoop")
	for i := range 4 {
		emit("KXNORB K1, K1, K1")
		emit("VPGATHERQQ %d(SI)(Z16*1), K1, %s", 8*i, z(8+i))
	}
	unpack(seq(8, 4), seq(0, 5))
	storeBlock(seq(0, 5), 0, "DI")
	emit("ADDQ $256, SI")
	emit("ADDQ $%d, DI", block)
	emit("DECQ R9")
	emit("JNZ unpackLoop")
	ret()
}

// productSums writes u v + w x, below 3p, as four words for each element.
func productSums() {
	function("productSums", "(words, u, v, w, x *uint64, blocks int, c *constants)", 0, 56)
	argument("words", 0, "R12")
	argument("u", 8, "SI")
	argument("v", 16, "DI")
	argument("w", 24, "R8")
	argument("x", 32, "R10")
	argument("blocks", 40, "R9")
	argument("c", 48, "CX")
	prologue()
	emit("VMOVDQU64 %d(CX), Z27", offIndex)
	label("productLoop")
	loadBlock(seq(0, 5), 0, "SI")
	first := mul(seq(0, 5), 0, "DI")
	kept := []int{14, 15, 16, 17, 28}
	for i := range 5 {
		emit("VMOVDQA64 %s, %s", z(first[i]), z(kept[i]))
	}
	loadBlock(seq(0, 5), 0, "R8")
	second := mul(seq(0, 5), 0, "R10")
	for i := range 5 {
		emit("VPADDQ %s, %s, %s", z(second[i]), z(kept[i]), z(kept[i]))
	}
	normalize(kept)
	pack(kept, seq(0, 4))
	for i := range 4 {
		emit("KXNORB K1, K1, K1")
		emit("VPSCATTERQQ %s, K1, %d(R12)(Z27*1)", z(i), 8*i)
	}
	for _, r := range []string{"SI", "DI", "R8", "R10"} {
		emit("ADDQ $%d, %s", block, r)
	}
	emit("ADDQ $256, R12")
	emit("DECQ R9")
	emit("JNZ productLoop")
	ret()
}

// Source is the content of vector_amd64.s.
func Source() []byte {
	out.Reset()
	out.WriteString("//go:build !purego\n\n// Code generated by internal/generate. DO NOT EDIT.\n\n#include \"textflag.h\"\n")
	pairsPrepare()
	pairsFinish()
	butterflies("butterfliesFrequency", true)
	butterflies("butterfliesTime", false)
	multiplyBlocks()
	transposeBlocks()
	unpackBlocks()
	productSums()
	return bytes.Clone(out.Bytes())
}
