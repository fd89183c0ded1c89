"""What the lessons measure: functions that use the engine and the data, and turn arrays into numbers.

An experiment that takes longer than a moment is a generator of Steps. So a page can show its progress and stop it.
"""
