"""Exports: asked for, carried through their pages, handed over."""
