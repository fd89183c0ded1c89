"""What the lessons measure: functions from arrays to numbers, made of the engine and the data.

Whatever takes longer than a moment is a generator of Steps, so that a page can show how far it is and stop it.
"""
