"""The page of an overview: who pushes what, when, and which articles show it.

``page`` puts together what the template lays out: ``answer`` says what matters first, ``grids`` are the heat
maps, ``courses`` the labels over time, ``profiles`` one outlet each, ``stories`` who told what first, and
``exhibits`` the articles behind every figure.
"""
