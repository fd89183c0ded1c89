"""What the lesson Diagnose measures: training loss and validation loss, and what helps against overfitting."""
