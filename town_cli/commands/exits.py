"""The meaning of the exit codes of the town's commands; the table from errors to codes is in coin/console/speech.py."""

DIFFERENCES = 1
EXITS_JA = (
    "終了コード: 0 完了、1 差異・未了・問題あり、2 使い方、3 入力、4 決まりによる拒否、"
    "5 パスフレーズ・権限、6 見つからない、7 応答なし、8 すでにある、9 その他、10 済んだが表示できない"
)
EXITS_EN = (
    "Exit codes: 0 done, 1 differences, open items or problems, 2 usage, 3 input, 4 refused by a rule, "
    "5 passphrase or right, 6 not found, 7 no answer, 8 there already, 9 other, 10 done but not shown"
)
