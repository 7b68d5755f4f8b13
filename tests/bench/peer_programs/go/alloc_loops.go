// The loops of alloc: Go's compiler must know the type of an object, so each size has its own.
package main

import "unsafe"

// Escapes, so that what it refers to is on the heap.
type sink struct {
	p unsafe.Pointer
	_ [120]byte // a cache line of its own
}

type kind struct{ bytes, refs int }

var loops = map[kind]func(int, *sink){
	{16, 0}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new([2]uint64))
		}
	},
	{16, 1}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new(struct {
				p *byte
				b [8]byte
			}))
		}
	},
	{32, 0}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new([4]uint64))
		}
	},
	{32, 1}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new(struct {
				p *byte
				b [24]byte
			}))
		}
	},
	{64, 0}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new([8]uint64))
		}
	},
	{64, 1}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new(struct {
				p *byte
				b [56]byte
			}))
		}
	},
	{128, 0}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new([16]uint64))
		}
	},
	{128, 1}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new(struct {
				p *byte
				b [120]byte
			}))
		}
	},
	{256, 0}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new([32]uint64))
		}
	},
	{256, 1}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new(struct {
				p *byte
				b [248]byte
			}))
		}
	},
	{1024, 0}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new([128]uint64))
		}
	},
	{1024, 1}: func(n int, s *sink) {
		for i := 0; i < n; i++ {
			s.p = unsafe.Pointer(new(struct {
				p *byte
				b [1016]byte
			}))
		}
	},
}
