package main

import (
	"fmt"
	"time"
	"unsafe"
)

type node struct {
	left, right *node
	value       uint64
	rest        [5]uint64
}

const (
	nodeBytes         = int(unsafe.Sizeof(node{}))
	operationsPerTick = 64
)

// A new head for one list of two nodes: its last node dies.
func replace(slot **node, value uint64) uint64 {
	head := *slot
	fresh := &node{left: head, value: value}
	seen := uint64(0)
	if head != nil {
		seen = head.value
		head.left = nil
	}
	*slot = fresh
	return seen
}

func graph(a arguments) {
	slots := a.number("mib", 1024) << 20 / nodeBytes / 2
	operations := a.number("operations", 4*slots)
	a.allUsed()
	table := make([]*node, slots)
	for n := 0; n < 2; n++ {
		for i := range table {
			replace(&table[i], uint64(i))
		}
	}
	r := newRandom()
	sum, longest, last := uint64(0), time.Duration(0), time.Now()
	watch := start()
	for done := 0; done < operations; done += operationsPerTick {
		now := time.Now()
		if gap := now.Sub(last); gap > longest && done > 0 {
			longest = gap
		}
		last = now
		for i := 0; i < operationsPerTick; i++ {
			sum += replace(&table[r.below(slots)], uint64(i))
		}
	}
	wall, cpu := watch.wall(), watch.cpu()
	if sum == 0 {
		fail("graph: wrong result")
	}
	n := float64(operations)
	fmt.Printf("{\"wall_ns\": %.6g, \"cpu_s\": %.6g, \"cpu_ns\": %.6g, \"gap_ms\": %.6g}\n", wall/n, cpu/1e9, cpu/n,
		float64(longest)/1e6)
}

// Objects of 16 to 64 bytes without references in a ring.
func ring(a arguments) {
	operations := a.number("operations", 20_000_000)
	a.allUsed()
	slots := make([]unsafe.Pointer, 100_000)
	r := newRandom()
	at := 0
	watch := start()
	for i := 0; i < operations; i++ {
		var object unsafe.Pointer
		switch r.below(4) {
		case 0:
			object = unsafe.Pointer(new([2]uint64))
		case 1:
			object = unsafe.Pointer(new([4]uint64))
		case 2:
			object = unsafe.Pointer(new([6]uint64))
		default:
			object = unsafe.Pointer(new([8]uint64))
		}
		*(*uint64)(object) = uint64(i)
		slots[at] = object
		if at++; at == len(slots) {
			at = 0
		}
	}
	n := float64(operations)
	fmt.Printf("{\"wall_ns\": %.6g, \"cpu_ns\": %.6g}\n", watch.wall()/n, watch.cpu()/n)
}
